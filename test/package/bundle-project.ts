import { execFile } from "node:child_process";
import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { build, type BuildOptions, type BuildResult } from "esbuild";
import { expect } from "vitest";
import { emulator } from "../support/emulated.js";

const run = promisify(execFile);

/** What the README shows: the client beside a function, and the same tool by its name. */
const answer = `
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
/** The README's connect handler, in a worker. */
const worker = `
import { answer } from "./answer.js";
import { createGitLab } from "gitlab-agent-tools";
import { createConnectHandler } from "gitlab-agent-tools/connect";
const page = (request) => {
  const connections = { gitlab: { baseUrl: "https://gitlab.example", clientId: "id" } };
  const gitlab = createGitLab({ store: "memory:", connections });
  return createConnectHandler({ gitlab, identify: () => "ada" })(request);
};
const fetch = async (request) =>
  new URL(request.url).pathname === "/connect" ? page(request) : new Response(await answer());
export default { fetch };
`;

const main = 'import { answer } from "./answer.js"; void answer().then((text) => console.log(text));';

const url = "https://gitlab.example/api/v4/projects/a%2Fb/issues?state=opened";
/** What `answer` says, in a bundle as elsewhere. */
export const expected = JSON.stringify([url, url]);

/** Drivers are not bundled: the one has native code, and a product has one of them at most. */
export const external = ["libsql", "pg"];
export interface BundleProject {
  readonly folder: string;
  readonly at: (name: string) => string;
  /** What a bundle prints. */
  readonly run: (file: string, ...args: readonly string[]) => Promise<string>;
  readonly bundle: (entryPoint: string, outfile: string, options: BuildOptions) => Promise<BuildResult>;
  readonly remove: () => Promise<void>;
}

/** A user's project: `answer.js`, `main.js` that prints it, `sending.js` and `worker.js`, and the built package. */
export async function bundleProject(): Promise<BundleProject> {
  // Below the project's node_modules, where dependencies that were left out of a bundle are found.
  const cache = join(process.cwd(), "node_modules/.cache");
  await mkdir(cache, { recursive: true });
  const folder = await mkdtemp(join(cache, "bundled-"));
  const at = (name: string): string => join(folder, name);
  await mkdir(at("node_modules"));
  await symlink(process.cwd(), at("node_modules/gitlab-agent-tools"));
  const files = { "package.json": '{ "type": "module" }', "answer.js": answer, "main.js": main };
  for (const [name, text] of Object.entries({ ...files, "sending.js": sending, "worker.js": worker }))
    await writeFile(at(name), text);
  return {
    folder,
    at,
    run: async (file, ...args) => (await run(process.execPath, [at(file), ...args])).stdout.trim(),
    bundle: (entryPoint, outfile, options) =>
      build({
        ...{ entryPoints: [at(entryPoint)], outfile: at(outfile) },
        ...{ bundle: true, platform: "node", external: [...external], logLevel: "silent" },
        ...options,
      }),
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}

/** What esbuild bundled answers, and sends requests. */
export async function expectToSend(
  project: BundleProject,
  options: { readonly format: "esm" | "cjs"; readonly minify: boolean },
): Promise<void> {
  const { baseUrl, tokens } = await emulator();
  const file = `esbuild-${options.minify}.${options.format === "esm" ? "mjs" : "cjs"}`;
  // As for a user, who does not have the paths of this project's own.
  await project.bundle("sending.js", file, { ...options, tsconfigRaw: "{}" });
  const token = tokens.create({ username: "ada", scopes: ["api"] });
  expect((await project.run(file, baseUrl, token)).split("\n")).toEqual([expected, "1"]);
}
