import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { promisify } from "node:util";
import { createGitLabEmulator, type GitLabEmulator } from "gitlab-agent-tools/testing";
import { afterAll, beforeAll, expect, test } from "vitest";
import { connectAs, csrfOn, locationOf, PersonsBrowser, press, type ConnectPlace } from "../support/connect.js";

const run = promisify(execFile);

/** A product with Next.js, its connect page as in `docs/connect.md`. */
const app = {
  "package.json": '{ "private": true, "type": "module" }',
  "lib/gitlab.ts": `
import { createGitLab } from "gitlab-agent-tools";

// A build loads the module of every route, to collect what pages are made of, where no secrets are.
export const gitlab = createGitLab({
  encryptionKey: process.env.GITLAB_AGENT_TOOLS_KEY,
  store: process.env.GITLAB_AGENT_TOOLS_STORE,
  publicUrl: process.env.PUBLIC_URL,
  connections: {
    gitlab: {
      ...(process.env.GITLAB_URL && { baseUrl: process.env.GITLAB_URL }),
      clientId: process.env.GITLAB_CLIENT_ID,
      clientSecret: process.env.GITLAB_CLIENT_SECRET,
      scopes: ["api"],
    },
  },
});

export const userOf = (request: Request) => /session=(\\w+)/.exec(request.headers.get("cookie") ?? "")?.[1];
`,
  "app/layout.tsx": `
export default ({ children }: { children: React.ReactNode }) => <html lang="en"><body>{children}</body></html>;
`,
  "app/connect/[[...path]]/route.ts": `
import { createConnectHandler } from "gitlab-agent-tools/connect";
import { gitlab, userOf } from "../../../lib/gitlab";

const connect = createConnectHandler({ gitlab, identify: (request) => userOf(request) });
export { connect as GET, connect as POST };
`,
  "app/api/issues/route.ts": `
import { toHttpError } from "gitlab-agent-tools";
import { createMcpHandler } from "gitlab-agent-tools/mcp";
import { issuesList } from "gitlab-agent-tools/tools";
import { createWebhookReceiver } from "gitlab-agent-tools/webhooks";
import { gitlab, userOf } from "../../../lib/gitlab";

const mcp = createMcpHandler({ gitlab });
const receiver = createWebhookReceiver({ secrets: process.env.GITLAB_WEBHOOK_SECRET, gitlab });

export async function GET(request: Request) {
  try {
    const { data } = await issuesList(gitlab.as(userOf(request) ?? "nobody"), { project_id: "acme/app" });
    return Response.json(data.map(({ title }) => title));
  } catch (error) {
    const { code, status } = toHttpError(error);
    return Response.json({ code }, { status });
  }
}
export const POST = (request: Request) => mcp(request);
export const PUT = (request: Request) => receiver.handle(request);
`,
};

let folder: string;
let emulator: GitLabEmulator;

beforeAll(async () => {
  emulator = await createGitLabEmulator();
  folder = await mkdtemp(join(tmpdir(), "next-"));
  const packed = await run("npm", ["pack", "--ignore-scripts", "--pack-destination", folder]);
  const tarball = join(folder, packed.stdout.trim().split("\n").at(-1) ?? "");
  for (const [path, text] of Object.entries(app)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), text);
  }
  const packages = [tarball, "next@16", "react@19", "react-dom@19", "typescript@5.9", "@types/react@19"];
  await run("npm", ["install", "--no-audit", "--no-fund", ...packages, "@types/node@20"], { cwd: folder });
}, 600_000);

afterAll(async () => {
  await emulator.close();
  await rm(folder, { recursive: true, force: true });
});

const next = (...args: string[]): [string, string[]] => [
  process.execPath,
  [join("node_modules", "next", "dist", "bin", "next"), ...args],
];
const plain = () => ({ PATH: process.env["PATH"], HOME: folder, NEXT_TELEMETRY_DISABLED: "1" });

/** A port that is free: what GitLab sends people back to is registered before the server listens. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}

test("a Next.js project builds without keys, and its people connect, act as themselves, and disconnect", async () => {
  const built = await run(...next("build"), { cwd: folder, env: plain() });
  expect(built.stdout).toMatch(/\/api\/issues[^]*\/connect\/\[\[\.\.\.path\]\]/);

  const port = await freePort();
  const origin = `http://127.0.0.1:${port}`;
  const redirectUri = `${origin}/connect/gitlab`;
  const { clientId, clientSecret } = emulator.oauth.createApplication({ redirectUri, scopes: ["api"] });
  const env = {
    ...plain(),
    GITLAB_AGENT_TOOLS_KEY: Buffer.alloc(32, 7).toString("base64"),
    GITLAB_AGENT_TOOLS_STORE: `sqlite:${join(folder, "accounts.db")}`,
    ...{ GITLAB_URL: emulator.baseUrl, GITLAB_CLIENT_ID: clientId, GITLAB_CLIENT_SECRET: clientSecret },
    PUBLIC_URL: origin,
  };
  const [command, args] = next("start", "--hostname", "127.0.0.1", "--port", String(port));
  const server = spawn(command, args, { cwd: folder, env, stdio: ["ignore", "pipe", "inherit"] });
  const ended = once(server, "exit");
  try {
    for await (const line of createInterface(server.stdout)) if (line.includes("Ready in")) break;
    server.stdout.resume();
    const place = { origin, page: `${origin}/connect` } as ConnectPlace;
    const [nobody, ada, ben] = [new PersonsBrowser(), new PersonsBrowser("ada"), new PersonsBrowser("ben")];
    expect((await nobody.get(place.page)).status).toBe(401);
    const issues = `${origin}/api/issues`;
    expect(await (await ada.get(issues)).json()).toEqual({ code: "account_not_found" });

    const link = await press(place, ada, "connect", "gitlab");
    const callback = emulator.oauth.authorize(link, { username: "ada" });
    expect(callback.startsWith(`${redirectUri}?`)).toBe(true);
    // Another person, in another browser, gets nothing of it.
    expect((await ben.get(callback)).status).toBe(403);
    expect(locationOf(await ada.get(callback))).toBe("/connect?connected=gitlab");
    expect((await ada.get(callback)).status, "once").toBe(403);
    const status = async (browser: PersonsBrowser): Promise<unknown> => await (await browser.json(place.page)).json();
    expect(await status(ada)).toMatchObject({ instances: [{ status: "ACTIVE", gitlabUser: { username: "ada" } }] });
    expect(await status(ben)).toMatchObject({ instances: [{ status: "PENDING" }] });
    const titles = (await (await ada.get(issues)).json()) as string[];
    expect(titles.length).toBeGreaterThan(0);

    const csrf = csrfOn(await (await ada.get(place.page)).text());
    const form = { csrf, action: "disconnect", connection: "gitlab" };
    expect((await ada.post(place.page, form, { Origin: "https://evil.example" })).status).toBe(403);
    expect(await press(place, ada, "disconnect", "gitlab")).toBe("/connect?disconnected=gitlab&revocation=revoked");
    expect(await (await ada.get(issues)).json()).toEqual({ code: "account_not_found" });
    expect(await connectAs(place, ada, [emulator, "gitlab", "ada"])).toBe("/connect?connected=gitlab");
  } finally {
    server.kill();
    await ended;
  }
});
