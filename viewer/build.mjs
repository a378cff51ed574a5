// Bundles the viewer: `node build.mjs` writes dist/standalone.js and dist/widget.js,
// `node build.mjs --tests` writes the unit tests to dist/tests/.

import { readdirSync, readFileSync, rmSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { build, transform } from "esbuild";

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

const common = {
  bundle: true,
  target: "es2022",
  logLevel: "warning",
  plugins: [styles],
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
common.define = { WORKER_SCRIPT: JSON.stringify(worker.outputFiles[0].text) };

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
  const page = { ...common, minify: true, legalComments: "none", charset: "ascii" };
  // The page inlines this one in a <script>, so it must be a plain script.
  await build({ ...page, entryPoints: ["src/standalone.ts"], outfile: "dist/standalone.js", format: "iife" });
  await build({ ...page, entryPoints: ["src/widget.ts"], outfile: "dist/widget.js", format: "esm" });
  for (const name of ["standalone", "widget"]) {
    const bytes = readFileSync(`dist/${name}.js`);
    const zipped = gzipSync(bytes, { level: 9 }).length;
    console.log(`dist/${name}.js  ${(bytes.length / 1000).toFixed(1)} kB, ${(zipped / 1000).toFixed(1)} kB gzipped`);
    if (zipped > 150_000) throw new Error("The bundle is larger than 150 kB gzipped.");
  }
}
