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
      const { code } = await transform(text, { loader: "css", minifyWhitespace: true, minifySyntax: true });
      return { contents: code, loader: "text" };
    }),
};

const LIBRARY = "node_modules/ml-matrix/src";
/** Parts of ml-matrix that no decomposition calls: sums, scaling and element-wise functions. */
const unused = ["mathOperations", "inspect", "stat"];
/** What calls methods of its matrices. */
const callers = ["dc/evd", "dc/qr", "dc/svd", "dc/util", "wrap/WrapperMatrix2D"];

/** What nobody asks of a decomposition. */
const unasked =
  /^ {2}(?:get )?(?:solve|solveForDiagonal|inverse|isFullRank|upperTriangularMatrix|condition|norm2|rank|threshold|diagonalMatrix|imaginaryEigenvalues)\([^\n]*\) \{\n[\s\S]*?^ {2}\}\n/gm;

/** The class of matrices without the methods that nobody calls: bundlers keep all of a class. */
function calledMethods(text) {
  const method = /^ {2}(?:static )?(?!constructor)(\w+)\([^\n]*\) \{\n[\s\S]*?^ {2}\}\n/gm;
  const outside = [text.replace(method, ""), readFileSync("src/math/decompositions.ts", "utf8")];
  outside.push(...callers.map((name) => readFileSync(`${LIBRARY}/${name}.js`, "utf8").replace(unasked, "")));
  const methods = [...text.matchAll(method)];
  const kept = new Set();
  let calls = outside.join("\n");
  let size = -1;
  while (size < kept.size) {
    size = kept.size;
    for (const [body, name] of methods)
      if (!kept.has(name) && new RegExp(`\\.${name}\\b`).test(calls)) {
        kept.add(name);
        calls += body;
      }
  }
  return text.replace(method, (body, name) => (kept.has(name) ? body : ""));
}

const withoutUnused = {
  name: "without unused parts of ml-matrix",
  setup: ({ onLoad }) =>
    onLoad({ filter: /ml-matrix\/src\/(dc\/(evd|qr|svd)|\w+)\.js$/ }, ({ path }) => {
      const text = readFileSync(path, "utf8").replace(unasked, "");
      const name = /(\w+)\.js$/.exec(path)[1];
      if (name === "matrix") return { contents: calledMethods(text), loader: "js" };
      // Every matrix of which the page asks eigenvalues is symmetric.
      const unsymmetric = /^function (orthes|hqr2|cdiv)\([\s\S]*?^\}\n/gm;
      if (name === "evd") return { contents: text.replace(unsymmetric, "function $1() {}\n"), loader: "js" };
      if (path.includes("/dc/")) return { contents: text, loader: "js" };
      if (!unused.includes(name)) return undefined;
      const names = [...text.matchAll(/^export function (\w+)/gm)];
      return { contents: names.map(([, each]) => `export function ${each}() {}`).join("\n"), loader: "js" };
    }),
};

/** Smaller than esbuild's own names by 4 % after compression. */
async function smallest(text, module, preamble) {
  const format = { ascii_only: true, comments: false, preamble };
  // No getter is read for what it does: one that nobody uses may go.
  return (await minify(text, { module, ecma: 2022, compress: { pure_getters: true }, format })).code;
}

/** The packages that went into a bundle, by name and version. */
const bundled = new Map();
function note({ inputs }) {
  const own = new Set();
  for (const path of Object.keys(inputs)) {
    const folder = /^.*node_modules\/(?:@[^/]+\/)?[^/]+(?=\/)/.exec(path)?.[0];
    if (!folder) continue;
    const { name, version, license } = JSON.parse(readFileSync(`${folder}/package.json`, "utf8"));
    const file = readdirSync(folder).find((entry) => /^licen[cs]e/i.test(entry));
    if (!file) throw new Error(`${name} is bundled and has no licence file.`);
    const text = readFileSync(`${folder}/${file}`, "utf8").trim();
    bundled.set(`${name} ${version}`, text);
    own.add(`${name} ${version} (${license})`);
  }
  return [...own];
}

const common = {
  bundle: true,
  target: "es2022",
  logLevel: "warning",
  plugins: [styles, withoutUnused],
  // Its modules, not the one file made of them: what is not used is left out.
  alias: { "ml-matrix": "./node_modules/ml-matrix/src/index.js" },
};

// In notebooks the training's worker is a script of its own, held as text. A page's own script does.
const worker = await build({
  ...common,
  metafile: true,
  stdin: { contents: 'import { listen } from "./worker"; listen();', resolveDir: "src/training" },
  format: "iife",
  minify: true,
  charset: "ascii",
  write: false,
});
note(worker.metafile);
const WORKER_SCRIPT = JSON.stringify(await smallest(worker.outputFiles[0].text, false));

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
    define: { WORKER_SCRIPT },
  });
} else {
  const page = { ...common, minify: true, legalComments: "none", charset: "ascii", write: false, metafile: true };
  mkdirSync("dist", { recursive: true });
  // Pages inline these in a <script>: plain scripts. Notebooks import the widget.
  for (const [name, format] of [
    ["standalone", "iife"],
    ["widget", "esm"],
    ["atlas", "iife"],
  ]) {
    const define = { WORKER_SCRIPT: name === "widget" ? WORKER_SCRIPT : '""' };
    const { outputFiles, metafile } = await build({ ...page, entryPoints: [`src/${name}.ts`], format, define });
    const others = note(metafile).join(", ");
    const preamble = `/* unknot (MIT)${others && `. In it: ${others}; see unknot's NOTICES.txt`} */`;
    writeFileSync(`dist/${name}.js`, await smallest(outputFiles[0].text, format === "esm", preamble));
    const bytes = readFileSync(`dist/${name}.js`);
    const zipped = gzipSync(bytes, { level: 9 }).length;
    console.log(`dist/${name}.js  ${(bytes.length / 1000).toFixed(1)} kB, ${(zipped / 1000).toFixed(1)} kB gzipped`);
    if (zipped > 150_000) throw new Error("The bundle is larger than 150 kB gzipped.");
  }
  const notices = [...bundled].sort().map(([title, text]) => `${title}\n\n${text}\n`);
  const head = "The page's viewer, the .js files of this folder, holds parts of these packages.\n";
  writeFileSync("dist/NOTICES.txt", [head, ...notices].join(`\n${"-".repeat(72)}\n\n`));
}
