import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { nodeResolve } from "@rollup/plugin-node-resolve";
import { build, type BuildOptions, type Plugin } from "esbuild";
import { Miniflare } from "miniflare";
import { rollup } from "rollup";
import webpack from "webpack";
import { afterAll, beforeAll, expect, test } from "vitest";
import { emulator } from "../support/emulated.js";

const run = promisify(execFile);

/** What the README shows: the client beside a function, and the same tool by its name. */
const entry = `
import { createGitLab } from "gitlab-agent-tools";
import { issuesList } from "gitlab-agent-tools/tools";
export async function answer() {
  const gitlab = createGitLab({ store: "memory:", connections: { gitlab: { baseUrl: "https://gitlab.example" } } });
  const toolInput = { project_id: "a/b", state: "opened" };
  const typed = await issuesList(gitlab.as("ada"), toolInput, { dryRun: true });
  const named = await gitlab.executeTool({ identifier: "ada", toolName: "gitlab_issues_list", toolInput, dryRun: true });
  return JSON.stringify([typed.data.url, named.data.url]);
}
`;

/** What sends for real: the transport is in the bundle, or beside it. */
const sending = `
import { createGitLab } from "gitlab-agent-tools";
import { issuesList } from "gitlab-agent-tools/tools";
import { answer } from "./answer.js";
async function send([baseUrl, token]) {
  console.log(await answer());
  const gitlab = createGitLab({ store: "memory:", connections: { gitlab: { baseUrl, allowHttp: true } } });
  await gitlab.connectWithToken({ identifier: "ada", token });
  const { data } = await issuesList(gitlab.as("ada"), { project_id: "acme/app", per_page: 1 });
  console.log(data.length);
  await gitlab.close();
}
void send(process.argv.slice(2));
`;
const url = "https://gitlab.example/api/v4/projects/a%2Fb/issues?state=opened";
const expected = JSON.stringify([url, url]);

/** Drivers are not bundled: the one has native code, and a product has one of them at most. */
const external = ["libsql", "pg"];
/** Rollup and webpack take their time: they bundle this package, and leave its dependencies where they are. */
const isDependency = (id: string): boolean => !/^(?:[./#]|gitlab-agent-tools)/.test(id);

let folder = "";
const at = (name: string): string => join(folder, name);

beforeAll(async () => {
  // Below the project's node_modules, where dependencies that were left out of a bundle are found.
  const cache = join(process.cwd(), "node_modules/.cache");
  await mkdir(cache, { recursive: true });
  folder = await mkdtemp(join(cache, "bundled-"));
  await mkdir(at("node_modules"));
  await symlink(process.cwd(), at("node_modules/gitlab-agent-tools"));
  await writeFile(at("package.json"), '{ "type": "module" }');
  await writeFile(at("answer.js"), entry);
  await writeFile(at("sending.js"), sending);
  await writeFile(
    at("main.js"),
    'import { answer } from "./answer.js"; void answer().then((text) => console.log(text));',
  );
  await writeFile(
    at("worker.js"),
    `import { answer } from "./answer.js";
     import { createGitLab } from "gitlab-agent-tools";
     import { createConnectHandler } from "gitlab-agent-tools/connect";
     const page = (request) => {
       const connections = { gitlab: { baseUrl: "https://gitlab.example", clientId: "id" } };
       const gitlab = createGitLab({ store: "memory:", connections });
       return createConnectHandler({ gitlab, identify: () => "ada" })(request);
     };
     const fetch = async (request) =>
       new URL(request.url).pathname === "/connect" ? page(request) : new Response(await answer());
     export default { fetch };`,
  );
});

afterAll(() => rm(folder, { recursive: true, force: true }));

async function answerOf(file: string): Promise<string> {
  return (await run(process.execPath, [at(file)])).stdout.trim();
}

const bundle = (entryPoint: string, outfile: string, options: BuildOptions) =>
  build({
    entryPoints: [at(entryPoint)],
    outfile: at(outfile),
    bundle: true,
    platform: "node",
    external,
    logLevel: "silent",
    ...options,
  });

test.each([
  { format: "esm", minify: false },
  { format: "esm", minify: true },
  { format: "cjs", minify: false },
  { format: "cjs", minify: true },
] as const)("esbuild, $format, minified: $minify: what it bundled answers, and sends requests", async (options) => {
  const { baseUrl, tokens } = await emulator();
  const file = `esbuild-${options.minify}.${options.format === "esm" ? "mjs" : "cjs"}`;
  // As for a user, who does not have the paths of this project's own.
  await bundle("sending.js", file, { ...options, tsconfigRaw: "{}" });
  const token = tokens.create({ username: "ada", scopes: ["api"] });
  const { stdout } = await run(process.execPath, [at(file), baseUrl, token]);
  expect(stdout.trim().split("\n")).toEqual([expected, "1"]);
});

test("rollup", async () => {
  const bundled = await rollup({
    input: at("main.js"),
    external: isDependency,
    plugins: [nodeResolve()],
    onwarn: () => undefined,
  });
  await bundled.write({ dir: at("rollup"), format: "esm" });
  await bundled.close();
  expect(await answerOf("rollup/main.js")).toBe(expected);
});

test("webpack", async () => {
  const compiler = webpack({
    mode: "production",
    target: "node",
    context: folder,
    entry: at("main.js"),
    output: { path: at("webpack"), filename: "main.js", module: true, chunkFormat: "module" },
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
  expect(await answerOf("webpack/main.js")).toBe(expected);
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
  await bundle("worker.js", "worker.mjs", {
    format: "esm",
    conditions: ["workerd", "worker"],
    external: [...external, "node:*"],
    plugins: [standIns],
  });
  const worker = new Miniflare({
    modules: [{ type: "ESModule", path: "worker.mjs", contents: await readFile(at("worker.mjs"), "utf8") }],
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
  await writeFile(at("typed.js"), 'export { issuesList } from "gitlab-agent-tools/tools";');
  const bundled = async (name: string) => {
    const { metafile } = await bundle(name, `other-${name}`, {
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
