import { readdir, rm, writeFile } from "node:fs/promises";
import { dirname, join, relative, resolve } from "node:path";
import { build, type Plugin } from "esbuild";

// The emulator is some two hundred small files, and to find and open each takes Node longer than to run it: every test file
// that starts one would pay. As one file it loads in a third of the time. Types stay where tsc has written them.
const folder = resolve("dist/src/testing");

/** Functions and data, which may be there twice. */
const taken = ["stores/account-store-checks.js", "stores/checks/", "webhooks/signature.js", "is-object.js"];

/** What else other entry points have as well stays theirs: a class that is there twice is two classes. */
const othersStay: Plugin = {
  name: "others-stay",
  setup(bundling) {
    bundling.onResolve({ filter: /^\./ }, ({ path, resolveDir }) => {
      const file = resolve(resolveDir, path);
      const outside =
        !file.startsWith(`${folder}/`) && !taken.some((name) => file.startsWith(resolve("dist/src", name)));
      return outside ? { path: relative(folder, file), external: true } : undefined;
    });
  },
};

const { outputFiles } = await build({
  entryPoints: [join(folder, "index.js")],
  outdir: folder,
  bundle: true,
  splitting: true,
  chunkNames: "[name]-[hash]",
  format: "esm",
  platform: "node",
  target: "node20",
  packages: "external",
  // What is not there is not parsed at every start. Names stay: they are in stack traces.
  minifyWhitespace: true,
  minifySyntax: true,
  plugins: [othersStay],
  write: false,
  allowOverwrite: true,
});
const files = await readdir(folder, { recursive: true });
await Promise.all(files.filter((file) => file.endsWith(".js")).map((file) => rm(join(folder, file))));
await Promise.all(outputFiles.map(({ path, contents }) => writeFile(path, contents)));
console.log(`${relative(".", dirname(join(folder, "index.js")))}: ${String(outputFiles.length)} files`);
