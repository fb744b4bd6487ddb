import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer, request as httpRequest } from "node:http";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createGitLab } from "gitlab-agent-tools";
import { serveMcp } from "gitlab-agent-tools/mcp";
import { createGitLabEmulator } from "gitlab-agent-tools/testing";
import { reasonFor } from "./conformance-reasons.js";

// The protocol's official suite against our server: npm run conformance. It wants Node 22, which npx brings.
const suite = "@modelcontextprotocol/conformance@0.2.0-alpha.12";
const revisions = ["2025-11-25", "2026-07-28"] as const;

interface Check {
  readonly id: string;
  readonly status: string;
  readonly errorMessage?: string;
}

/** What a scenario came to. */
interface ScenarioOutcome {
  readonly scenario: string;
  readonly passed: number;
  readonly failed: readonly string[];
}

async function conformance(args: readonly string[], onLine: (line: string) => void = () => undefined): Promise<void> {
  const child = spawn("npx", ["-y", "-p", "node@22", "-p", suite, "--", "conformance", ...args], {
    stdio: ["ignore", "pipe", "ignore"],
  });
  child.stdout.on("data", (chunk: Buffer) => {
    for (const line of chunk.toString().split("\n")) onLine(line);
  });
  await once(child, "close");
}

/** The suite brings no token of its own: this passes its requests on with ours. */
async function withToken(token: string) {
  let target = "";
  const server = createServer((incoming, outgoing) => {
    const { method, headers, url = "" } = incoming;
    const options = { method, headers: { ...headers, authorization: `Bearer ${token}` } };
    const passed = httpRequest(new URL(url, target), options, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(outgoing);
    });
    passed.on("error", () => outgoing.destroy());
    outgoing.on("close", () => passed.destroy());
    incoming.pipe(passed);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return {
    hosts: [`127.0.0.1:${port}`, `localhost:${port}`],
    url: `http://localhost:${port}/mcp`,
    to: (url: string) => void (target = url),
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}

async function outcomesIn(folder: string): Promise<ScenarioOutcome[]> {
  const files = (await readdir(folder, { recursive: true })).filter((file) => file.endsWith("checks.json"));
  const outcomes = await Promise.all(
    files.map(async (file) => {
      const checks = JSON.parse(await readFile(join(folder, file), "utf8")) as readonly Check[];
      const failed = checks.filter(({ status }) => status === "FAILURE");
      return {
        scenario: file.replace(/^server-|-\d{4}-\d\d-\d\dT.*$/g, ""),
        passed: checks.filter(({ status }) => status === "SUCCESS").length,
        failed: failed.map(({ id, errorMessage = "" }) => `${id}: ${errorMessage.split("\n")[0] ?? ""}`),
      };
    }),
  );
  return outcomes.toSorted((a, b) => (a.scenario < b.scenario ? -1 : 1));
}

/** A browser whose person agrees: to our page, then to GitLab's. */
async function agreed(authorizeUrl: string): Promise<void> {
  const page = await fetch(authorizeUrl, { redirect: "manual" });
  const Cookie = page.headers.get("set-cookie")?.split(";")[0] ?? "";
  const request = /name="request" value="([^"]+)"/.exec(await page.text())?.[1] ?? "";
  const step = async (url: string | URL, init: RequestInit = {}): Promise<URL> => {
    const answer = await fetch(url, { ...init, redirect: "manual", headers: { Cookie } });
    return new URL(answer.headers.get("location") ?? "about:blank");
  };
  const body = new URLSearchParams({ request, connection: "gitlab", decision: "allow" });
  const toGitLab = await step(new URL("/authorize", authorizeUrl), { method: "POST", body });
  toGitLab.searchParams.set("username", "ada");
  await fetch(await step(await step(toGitLab)));
}

async function authorizationOutcomes(origin: string, output: string): Promise<ScenarioOutcome[]> {
  const redirect = `http://127.0.0.1:${await freePort()}/callback`;
  const body = JSON.stringify({ redirect_uris: [redirect] });
  const registered = await fetch(`${origin}/register`, { method: "POST", body });
  const { client_id } = (await registered.json()) as { client_id: string };
  const client = ["--client-id", client_id, "--resource", `${origin}/mcp`, "--port", new URL(redirect).port];
  await conformance(["authorization", "--url", origin, ...client, "--output-dir", output], (line) => {
    if (line.startsWith(`${origin}/authorize?`)) void agreed(line.trim());
  });
  return await outcomesIn(output);
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}

const outcome = (found: ScenarioOutcome | undefined): string =>
  found === undefined ? "" : found.failed.length === 0 ? "passes" : "not applicable";

/** Why it is so, or what is wrong. */
const why = ({ scenario, failed }: ScenarioOutcome): string =>
  failed.length === 0 ? "" : (reasonFor(scenario, failed) ?? `FAILS: ${failed.join("; ")}`);

/** The table of docs/conformance.md. */
function documentOf(
  server: readonly (readonly ScenarioOutcome[])[],
  authorization: readonly ScenarioOutcome[],
): string {
  const names = [...new Set(server.flat().map(({ scenario }) => scenario))].sort();
  const rows = names.map((name) => {
    const found = server.map((outcomes) => outcomes.find(({ scenario }) => scenario === name));
    const reason = found.flatMap((one) => (one && why(one)) || []).at(-1) ?? "";
    return `| \`${name}\` | ${found.map(outcome).join(" | ")} | ${reason} |`;
  });
  return [
    "# Conformance",
    "",
    `What \`npm run conformance\` says: the protocol's official suite (\`${suite}\`) against \`serveMcp\` with GitLab's tools, on the emulator.`,
    "A scenario that is not applicable has its reason; anything else that fails is a fault, and the script says so.",
    "",
    `| scenario of the server | ${revisions.join(" | ")} | reason |`,
    `| --- | ${revisions.map(() => "---").join(" | ")} | --- |`,
    ...rows,
    "",
    "| scenario of signing in | |",
    "| --- | --- |",
    ...authorization.map((one) => `| \`${one.scenario}\` | ${one.failed.length === 0 ? "passes" : why(one)} |`),
    "",
  ].join("\n");
}

const emulator = await createGitLabEmulator();
const port = await freePort();
const publicUrl = `http://127.0.0.1:${port}`;
const redirectUri = `${publicUrl}/callback/gitlab`;
const application = emulator.oauth.createApplication({ redirectUri, scopes: ["api"] });
const gitlab = createGitLab({
  store: "memory:",
  connections: { gitlab: { baseUrl: emulator.baseUrl, scopes: ["api"], ...application } },
});
await gitlab.connectWithToken({
  identifier: "ada",
  token: emulator.tokens.create({ username: "ada", scopes: ["api"] }),
});
const { token } = await gitlab.createSession({ identifier: "ada", expiresIn: "1h" });
const folder = await mkdtemp(join(tmpdir(), "conformance-"));
const proxy = await withToken(token);
const mcp = await serveMcp({ gitlab, port, trustedHosts: proxy.hosts, signIn: { publicUrl } });
proxy.to(mcp.url);
try {
  const server: ScenarioOutcome[][] = [];
  for (const revision of revisions) {
    const output = join(folder, revision);
    await conformance(["server", "--url", proxy.url, "--requirements", revision, "--output-dir", output]);
    server.push(await outcomesIn(output));
  }
  const authorization = await authorizationOutcomes(publicUrl, join(folder, "authorization"));
  const all = [...server.flat(), ...authorization];
  const faults = all.filter((one) => one.failed.length > 0 && reasonFor(one.scenario, one.failed) === undefined);
  const passed = all.filter(({ failed }) => failed.length === 0).length;
  await writeFile("docs/conformance.md", documentOf(server, authorization));
  console.log(
    `${passed} scenarios pass, ${all.length - passed - faults.length} are not applicable, ${faults.length} fail.`,
  );
  for (const { scenario, failed } of faults) console.log(`${scenario}: ${failed.join("; ")}`);
  if (faults.length > 0 || authorization.length === 0 || server.some((found) => found.length === 0))
    process.exitCode = 1;
} finally {
  proxy.close();
  await mcp.close({ graceMs: 0 });
  await gitlab.close();
  await emulator.close();
  await rm(folder, { recursive: true, force: true });
}
