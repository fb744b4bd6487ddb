import { execFile } from "node:child_process";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";

const run = promisify(execFile);
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "next-"));
  const packed = await run("npm", ["pack", "--ignore-scripts", "--pack-destination", folder]);
  const tarball = join(folder, packed.stdout.trim().split("\n").at(-1) ?? "");
  await writeFile(join(folder, "package.json"), '{ "private": true, "type": "module" }');
  await run("npm", ["install", "--no-audit", "--no-fund", tarball, "next@16", "react@19", "react-dom@19"], {
    cwd: folder,
  });
}, 600_000);

afterAll(() => rm(folder, { recursive: true, force: true }));

/** A build loads the module of every route, to collect what pages are made of, where no secrets are. */
const route = `
import { createGitLab } from "gitlab-agent-tools";
import { createMcpHandler } from "gitlab-agent-tools/mcp";
import { issuesList } from "gitlab-agent-tools/tools";
import { createWebhookReceiver } from "gitlab-agent-tools/webhooks";

const gitlab = createGitLab({
  encryptionKey: process.env.GITLAB_AGENT_TOOLS_KEY,
  connections: { gitlab: { clientId: process.env.GITLAB_CLIENT_ID, clientSecret: process.env.GITLAB_CLIENT_SECRET } },
});
const mcp = createMcpHandler({ gitlab });
const receiver = createWebhookReceiver({ secrets: process.env.GITLAB_WEBHOOK_SECRET, gitlab });

export async function GET() {
  const { data } = await issuesList(gitlab.as("ada"), { project_id: "acme/app" });
  return Response.json(data);
}
export const POST = (request) => mcp(request);
export const PUT = (request) => receiver.handle(request);
`;

test("a Next.js project builds without keys", async () => {
  await mkdir(join(folder, "app/api/issues"), { recursive: true });
  await writeFile(join(folder, "app/api/issues/route.js"), route);
  const { stdout } = await run(process.execPath, [join("node_modules", "next", "dist", "bin", "next"), "build"], {
    cwd: folder,
    env: { PATH: process.env["PATH"], HOME: folder, NEXT_TELEMETRY_DISABLED: "1" },
  });
  expect(stdout).toContain("/api/issues");
});
