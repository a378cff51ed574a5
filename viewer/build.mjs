// Bundles the viewer: `node build.mjs` writes dist/standalone.js and dist/widget.js,
// `node build.mjs --tests` writes the unit tests to dist/tests/.

import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { build, transform } from "esbuild";
import { minify } from "terser";

/** Styles as text, without what only people read. */
const styles = {
  name: "styles",
  setup: ({ onLoad }) =>
    onLoad({ filter: /\.css$/ }, async ({ path }) => {
      const text = readFileSync(path, "utf8");
      const { code } = await transform(text, { loader: "css", minifyWhitespace: true });
      return { contents: code, loader: "text" };
    }),
};

/** Parts of ml-matrix that no decomposition calls: sums, scaling and element-wise functions. */
const unused = /ml-matrix\/src\/(mathOperations|inspect|stat)\.js$/;
const withoutUnused = {
  name: "without unused parts of ml-matrix",
  setup: ({ onLoad }) =>
    onLoad({ filter: unused }, ({ path }) => {
      const names = readFileSync(path, "utf8").matchAll(/^export function (\w+)/gm);
      const contents = [...names].map(([, name]) => `export function ${name}() {}`).join("\n");
      return { contents, loader: "js" };
    }),
};

/** Smaller than esbuild's own names by 4 % after compression. */
async function smallest(text, module) {
  return (await minify(text, { module, ecma: 2020, format: { ascii_only: true, comments: false } })).code;
}

const common = {
  bundle: true,
  target: "es2022",
  logLevel: "warning",
  plugins: [styles, withoutUnused],
  // Its modules, not the one file made of them: what is not used is left out.
  alias: { "ml-matrix": "./node_modules/ml-matrix/src/index.js" },
};

// The training's worker is a script of its own: the page holds it as text.
const worker = await build({
  ...common,
  entryPoints: ["src/training/worker.ts"],
  format: "iife",
  minify: true,
  charset: "ascii",
  write: false,
});
common.define = { WORKER_SCRIPT: JSON.stringify(await smallest(worker.outputFiles[0].text, false)) };

if (process.argv.includes("--tests")) {
  rmSync("dist/tests", { recursive: true, force: true });
  const tests = readdirSync("tests").filter((name) => name.endsWith(".test.ts"));
  await build({
    ...common,
    entryPoints: tests.map((name) => `tests/${name}`),
    outdir: "dist/tests",
    outExtension: { ".js": ".mjs" },
    format: "esm",
    platform: "node",
  });
} else {
  const page = { ...common, minify: true, legalComments: "none", charset: "ascii", write: false };
  mkdirSync("dist", { recursive: true });
  // Pages inline these in a <script>: plain scripts. Notebooks import the widget.
  for (const [name, format] of [
    ["standalone", "iife"],
    ["widget", "esm"],
    ["atlas", "iife"],
  ]) {
    const { outputFiles } = await build({ ...page, entryPoints: [`src/${name}.ts`], format });
    writeFileSync(`dist/${name}.js`, await smallest(outputFiles[0].text, format === "esm"));
    const bytes = readFileSync(`dist/${name}.js`);
    const zipped = gzipSync(bytes, { level: 9 }).length;
    console.log(`dist/${name}.js  ${(bytes.length / 1000).toFixed(1)} kB, ${(zipped / 1000).toFixed(1)} kB gzipped`);
    if (zipped > 150_000) throw new Error("The bundle is larger than 150 kB gzipped.");
  }
}
