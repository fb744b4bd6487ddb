import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { describe, expect, onTestFinished, test } from "vitest";
import { commandLine } from "../support/command-line.js";
import { emulator } from "../support/emulated.js";

interface Answer {
  readonly id: number | string | null;
  readonly result?: Record<string, unknown>;
  readonly error?: { readonly code: number; readonly message: string };
}

/** The command line's server, spoken to by lines. */
async function started(): Promise<ChildProcess & { readonly stdin: NodeJS.WritableStream }> {
  const gitlab = await emulator({ pathPrefix: "/gitlab" });
  const token = gitlab.tokens.create({ username: "ada", scopes: ["api"] });
  const child = spawn(process.execPath, [...commandLine, "mcp"], {
    env: { PATH: process.env["PATH"], GITLAB_URL: gitlab.baseUrl, GITLAB_TOKEN: token },
    stdio: ["pipe", "pipe", "ignore"],
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  return child;
}

const line = (message: object): string => `${JSON.stringify({ jsonrpc: "2.0", ...message })}\n`;
const initialize = (protocolVersion: string): string =>
  line({
    id: "hello",
    method: "initialize",
    params: { protocolVersion, capabilities: {}, clientInfo: { name: "lines", version: "1" } },
  }) + line({ method: "notifications/initialized" });

/** All that is answered until the server ends. */
async function answersOf(child: ChildProcess): Promise<(Answer | Answer[])[]> {
  const answers: (Answer | Answer[])[] = [];
  if (!child.stdout) throw new Error("no output");
  for await (const text of createInterface({ input: child.stdout })) answers.push(JSON.parse(text) as Answer);
  return answers;
}

describe("lines that are no messages", () => {
  test("are answered as JSON-RPC wants it, and what follows them is served", async () => {
    const child = await started();
    const heard = answersOf(child);
    child.stdin.write(initialize("2025-11-25"));
    child.stdin.write("{not json\n");
    child.stdin.write('"text"\n{"jsonrpc":"1.0","id":7,"method":"ping"}\n');
    child.stdin.write(`[${line({ id: 8, method: "ping" }).trim()}]\n`);
    child.stdin.write(`${" ".repeat(3)}\n`);
    child.stdin.write(line({ id: 9, method: "ping", params: { _meta: { long: "x".repeat(11 * 1024 * 1024) } } }));
    child.stdin.write(line({ id: 10, method: "tools/call", params: { name: "gitlab_issue_get", arguments: [1] } }));
    const input = JSON.stringify({ project_id: "acme/app", issue_iid: "#3" });
    child.stdin.write(line({ id: 11, method: "tools/call", params: { name: "gitlab_issue_get", arguments: input } }));
    child.stdin.end();
    const answers = (await heard) as Answer[];
    expect(child.exitCode ?? (await once(child, "exit"))[0]).toBe(0);
    expect(answers.filter(({ error }) => error).map(({ id, error }) => [id, error?.code])).toEqual([
      [null, -32_700],
      [null, -32_600],
      [7, -32_600],
      [null, -32_600],
      [null, -32_600],
    ]);
    const result = (id: unknown) => answers.find((answer) => answer.id === id)?.result;
    expect(result("hello")).toMatchObject({ protocolVersion: "2025-11-25" });
    expect(result(10)).toMatchObject({ isError: true });
    expect(JSON.stringify(result(10))).toContain("invalid_input");
    expect(JSON.stringify(result(11))).toContain("iid");
    expect(result(11)).not.toHaveProperty("isError");
  }, 60_000);

  test("a batch of 2025-03-26 is answered as one", async () => {
    const child = await started();
    const heard = answersOf(child);
    child.stdin.write(initialize("2025-03-26"));
    const who = { method: "tools/call", params: { name: "gitlab_current_user_get", arguments: {} } };
    const batch = [{ id: 1, ...who }, { method: "notifications/initialized" }, { id: 2, method: "ping" }];
    child.stdin.write(`${JSON.stringify(batch.map((message) => ({ jsonrpc: "2.0", ...message })))}\n[]\n`);
    child.stdin.end();
    const answers = await heard;
    const together = answers.find((answer) => Array.isArray(answer)) ?? [];
    expect(together.map(({ id }) => id).toSorted()).toEqual([1, 2]);
    expect(JSON.stringify(together)).toContain("ada");
    expect(answers).toContainEqual(expect.objectContaining({ id: null }));
  }, 60_000);
});

describe("a client that reads nothing more", () => {
  /** Asks for more than a pipe holds, and hears none of it. */
  async function blocked(): Promise<Awaited<ReturnType<typeof started>>> {
    const child = await started();
    child.stdin.write(initialize("2025-11-25"));
    if (!child.stdout) throw new Error("no output");
    await once(child.stdout, "readable");
    for (let id = 0; id < 40; id += 1) child.stdin.write(line({ id, method: "tools/list" }));
    return child;
  }

  test("does not keep the server from ending with its input", async () => {
    const child = await blocked();
    child.stdin.end();
    await once(child, "exit");
    expect(child.signalCode).toBeNull();
  }, 60_000);

  test("does not keep the server from ending when it is told to", async () => {
    const child = await blocked();
    child.kill("SIGTERM");
    await once(child, "exit");
    expect(child.signalCode).toBeNull();
  }, 60_000);
});
