import { nodeResolve } from "@rollup/plugin-node-resolve";
import { rollup } from "rollup";
import webpack from "webpack";
import { afterAll, beforeAll, expect, test } from "vitest";
import { bundleProject, expected, expectToSend, type BundleProject } from "./bundle-project.js";

/** Rollup and webpack take their time: they bundle this package, and leave its dependencies where they are. */
const isDependency = (id: string): boolean => !/^(?:[./#]|gitlab-agent-tools)/.test(id);

let project: BundleProject;
beforeAll(async () => void (project = await bundleProject()));
afterAll(() => project.remove());

test.each([
  { format: "esm", minify: false },
  { format: "cjs", minify: false },
  { format: "cjs", minify: true },
] as const)("esbuild, $format, minified: $minify: what it bundled answers, and sends requests", async (options) => {
  await expectToSend(project, options);
});

test("rollup", async () => {
  const bundled = await rollup({
    input: project.at("main.js"),
    external: isDependency,
    plugins: [nodeResolve()],
    onwarn: () => undefined,
  });
  await bundled.write({ dir: project.at("rollup"), format: "esm" });
  await bundled.close();
  expect(await project.run("rollup/main.js")).toBe(expected);
});

test("webpack", async () => {
  const compiler = webpack({
    mode: "production",
    target: "node",
    context: project.folder,
    entry: project.at("main.js"),
    output: { path: project.at("webpack"), filename: "main.js", module: true, chunkFormat: "module" },
    experiments: { outputModule: true },
    resolve: { tsconfig: false },
    externalsType: "module",
    externals: ({ request = "" }, done) => (isDependency(request) ? done(undefined, request) : done()),
    optimization: { minimize: false },
  });
  const errors = await new Promise<unknown>((resolve, reject) => {
    compiler.run((error, stats) =>
      error ? reject(error) : resolve(stats?.toJson({ all: false, errors: true }).errors),
    );
  });
  expect(errors).toEqual([]);
  expect(await project.run("webpack/main.js")).toBe(expected);
});
