import { spawn, type ChildProcess } from "node:child_process";
import { randomBytes, randomUUID } from "node:crypto";
import { once } from "node:events";
import { setTimeout as delay } from "node:timers/promises";
import { createGitLab } from "gitlab-agent-tools";
import { createGitLabEmulator } from "gitlab-agent-tools/testing";
import { expect, onTestFinished } from "vitest";
import { createApiKeys } from "../../src/serve/api-keys.js";
import { commandLine } from "./command-line.js";
import { startFailoverProxy, type Upstream } from "./failover-proxy.js";
import { startPostgres } from "./postgres.js";
import { callTool } from "./sign-in.js";

export interface Killing {
  readonly surface: "serve" | "mcp";
  readonly signals: readonly ("SIGTERM" | "SIGKILL")[];
  readonly clients: number;
  /** How many requests are answered between two signals. */
  readonly between: number;
}

export interface Survived {
  readonly reads: number;
  /** Writes that were answered as made, each with its title. */
  readonly made: readonly string[];
  /** Writes of which the client heard nothing definite. */
  readonly unknown: readonly string[];
  /** How often each title is in GitLab. */
  readonly inGitLab: ReadonlyMap<string, number>;
}

const tries = 200;
const pauseMs = 25;

/** What deploy/compose.replicas.yaml starts, without Docker: two replicas behind a proxy, ended one by one under load. */
export async function killOneByOne({ surface, signals, clients, between }: Killing): Promise<Survived> {
  const postgres = await startPostgres();
  onTestFinished(() => postgres.stop());
  const emulator = await createGitLabEmulator();
  onTestFinished(() => emulator.close());
  const [store, encryptionKey] = [await postgres.createDatabase(), randomBytes(32).toString("base64")];
  const operator = createGitLab({ store, encryptionKey, connections: { gitlab: { baseUrl: emulator.baseUrl } } });
  onTestFinished(() => operator.close());
  const token = emulator.tokens.create({ username: "ada", scopes: ["api"] });
  const identifier = surface === "serve" ? "acme:ada" : "ada";
  await operator.connectWithToken({ identifier, token });
  const { key } = await createApiKeys(operator).create({
    ...{ name: "acme", namespace: "acme", access: "write", connections: ["gitlab"], expiresIn: "1h" },
    scopes: ["tools:execute"],
  });
  const session = (await operator.createSession({ identifier, expiresIn: "1h" })).token;

  const env = { GITLAB_URL: emulator.baseUrl, GITLAB_AGENT_TOOLS_STORE: store, GITLAB_AGENT_TOOLS_KEY: encryptionKey };
  const args = surface === "serve" ? ["serve"] : ["mcp", "--http", "--access", "write"];
  const replicas: RunningReplica[] = [];
  const proxy = await startFailoverProxy(replicas);
  onTestFinished(() => proxy.close());
  const own = ["--port", "0", "--trusted-host", new URL(proxy.url).host];
  for (const _ of [1, 2]) replicas.push(new RunningReplica([...args, ...own], env));
  await Promise.all(replicas.map((replica) => replica.start()));

  const gateway = (tool: string, input: unknown, idempotencyKey: string): Promise<Response> =>
    fetch(`${proxy.url}/v1/execute`, {
      method: "POST",
      headers: {
        ...{ Authorization: `Bearer ${key}`, "Content-Type": "application/json" },
        "Idempotency-Key": idempotencyKey,
      },
      body: JSON.stringify({ identifier: "ada", tool_name: tool, tool_input: input }),
    });
  const call = (tool: string, input: unknown, idempotencyKey: string): Promise<Response> =>
    surface === "serve" ? gateway(tool, input, idempotencyKey) : callTool(`${proxy.url}/mcp`, session, tool, input);

  let [answered, reads, running] = [0, 0, true];
  const [made, unknown]: [string[], string[]] = [[], []];

  /** Reads are repeated until they are answered. */
  async function read(): Promise<void> {
    for (let attempt = 1; attempt <= tries; attempt += 1) {
      const { status, text } = await answerOf(call("gitlab_project_get", { project_id: "acme/app" }, randomUUID()));
      if (status === 200 && text.includes("acme/app")) return void (reads += 1);
      await delay(pauseMs);
    }
    throw new Error("a read was never answered");
  }

  /**
   * Over the gateway a write is repeated with its key; over MCP a client has no means to, and does not know, unless it
   * hears 503: nothing was sent on, or the server takes nothing more.
   */
  async function write(): Promise<void> {
    const [title, idempotencyKey] = [`written ${randomUUID()}`, randomUUID()];
    // A write whose process died stays under way: nobody waits for its ten minutes here.
    const most = 40;
    for (let attempt = 1; attempt <= most; attempt += 1) {
      const { status, text } = await answerOf(
        call("gitlab_issue_create", { project_id: "acme/app", title }, idempotencyKey),
      );
      if (status === 200 && text.includes(title)) return void made.push(title);
      if (surface === "mcp" && status !== 503) break;
      await delay(pauseMs);
    }
    unknown.push(title);
  }

  const work = Array.from({ length: clients }, async (_, client) => {
    for (let n = client; running; n += 1) {
      await (n % 3 === 0 ? write() : read());
      answered += 1;
    }
  });
  const all = Promise.all(work);
  const answers = async (more: number): Promise<void> => {
    const goal = answered + more;
    await Promise.race([all, expect.poll(() => answered, { timeout: 120_000 }).toBeGreaterThanOrEqual(goal)]);
  };
  for (const [index, signal] of signals.entries()) {
    await answers(between);
    const replica = replicas[index % replicas.length];
    await replica?.end(signal);
    // The other one is there meanwhile.
    await answers(between);
    await replica?.start();
  }
  await answers(between);
  running = false;
  await all;

  const titles = emulator.state.planning.issues.map(({ title }) => title);
  const inGitLab = new Map([...made, ...unknown].map((title) => [title, titles.filter((one) => one === title).length]));
  return { reads, made, unknown, inGitLab };
}

/** Status 0 where the connection ended without an answer. */
async function answerOf(answer: Promise<Response>): Promise<{ readonly status: number; readonly text: string }> {
  try {
    const response = await answer;
    return { status: response.status, text: await response.text() };
  } catch {
    return { status: 0, text: "" };
  }
}

/** The command line as a process, which may be ended and started again. */
class RunningReplica implements Upstream {
  port = 0;
  #child: ChildProcess | undefined;

  constructor(
    private readonly args: readonly string[],
    private readonly env: Readonly<Record<string, string>>,
  ) {}

  async start(): Promise<void> {
    const child = spawn(process.execPath, [...commandLine, ...this.args], {
      env: { PATH: process.env["PATH"], ...this.env },
      stdio: ["ignore", "ignore", "pipe"],
    });
    this.#child = child;
    onTestFinished(() => void child.kill("SIGKILL"));
    let heard = "";
    child.stderr.on("data", (chunk: Buffer) => (heard += chunk.toString()));
    await expect.poll(() => heard, { timeout: 120_000 }).toMatch(/http:\/\/127\.0\.0\.1:\d+/);
    this.port = Number(/http:\/\/127\.0\.0\.1:(\d+)/.exec(heard)?.[1]);
  }

  async end(signal: "SIGTERM" | "SIGKILL"): Promise<void> {
    if (!this.#child) return;
    const ended = once(this.#child, "exit");
    this.#child.kill(signal);
    await ended;
    if (signal === "SIGTERM") expect(this.#child.exitCode).toBe(0);
  }
}
