import { readFile, writeFile } from "node:fs/promises";
import { type BuildOptions, type Plugin } from "esbuild";
import { Miniflare } from "miniflare";
import { afterAll, beforeAll, expect, test } from "vitest";
import { bundleProject, expected, expectToSend, external, type BundleProject } from "./bundle-project.js";

let project: BundleProject;
beforeAll(async () => void (project = await bundleProject()));
afterAll(() => project.remove());

test("esbuild, esm, minified: what it bundled answers, and sends requests; other ways and bundlers take longer", async () => {
  await expectToSend(project, { format: "esm", minify: true });
});

/** What workers lack may be imported and not used, as with the stand-ins of the Workers' own bundler. */
const standIns: Plugin = {
  name: "stand-ins",
  setup(bundler) {
    bundler.onResolve({ filter: /^(node:)?(fs|fs\/promises|os|http|https|child_process|v8|vm)$/ }, ({ path }) => ({
      path,
      namespace: "stand-in",
    }));
    bundler.onLoad({ filter: /./, namespace: "stand-in" }, () => ({
      contents:
        "module.exports = new Proxy({}, { get: (_, name) => name === '__esModule' ? undefined : () => { throw new Error(String(name)) } })",
    }));
  },
};

test("a worker (workerd)", async () => {
  await project.bundle("worker.js", "worker.mjs", {
    format: "esm",
    conditions: ["workerd", "worker"],
    external: [...external, "node:*"],
    plugins: [standIns],
  });
  const worker = new Miniflare({
    modules: [{ type: "ESModule", path: "worker.mjs", contents: await readFile(project.at("worker.mjs"), "utf8") }],
    compatibilityDate: "2025-07-01",
    compatibilityFlags: ["nodejs_compat"],
  });
  try {
    expect(await (await worker.dispatchFetch("http://worker.test/")).text()).toBe(expected);
    const connect = await worker.dispatchFetch("http://worker.test/connect");
    expect([connect.status, await connect.text()]).toEqual([200, expect.stringContaining("Connect gitlab.example")]);
  } finally {
    await worker.dispose();
  }
});

const others: readonly (readonly [where: string, options: BuildOptions])[] = [
  ["a browser", { platform: "browser" }],
  ["a worker", { platform: "neutral", conditions: ["workerd", "worker"], mainFields: ["module", "main"] }],
];

test.each(others)("a bundle for %s holds no undici, and of a typed function nothing of Node's", async (_, options) => {
  await writeFile(project.at("typed.js"), 'export { issuesList } from "gitlab-agent-tools/tools";');
  const bundled = async (name: string) => {
    const { metafile } = await project.bundle(name, `other-${name}`, {
      ...options,
      format: "esm",
      metafile: true,
      write: false,
      external: [...external, "node:*"],
      // As for a user, who does not have the paths of this project's own.
      tsconfigRaw: "{}",
    });
    const [output] = Object.values(metafile?.outputs ?? {});
    return { files: Object.keys(output?.inputs ?? {}), imports: output?.imports ?? [] };
  };
  const client = await bundled("answer.js");
  expect(client.files.filter((file) => file.includes("node_modules/undici/"))).toEqual([]);
  expect(client.files.some((file) => file.endsWith("http/platform-transport.js"))).toBe(true);
  expect((await bundled("typed.js")).imports).toEqual([]);
});
