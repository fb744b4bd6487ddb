import { once } from "node:events";
import { createInterface } from "node:readline";
import { PassThrough } from "node:stream";
import { onTestFinished } from "vitest";
import { run } from "../../src/cli/program.js";

const streams = ["stdin", "stdout", "stderr"] as const;
const own = streams.map((name) => [name, Object.getOwnPropertyDescriptor(process, name) ?? {}] as const);

export interface Served {
  readonly input: PassThrough;
  readonly output: PassThrough;
  /** What it has said on stderr. */
  readonly heard: () => string;
  /** The exit code, once it has ended. */
  readonly ended: Promise<number>;
}

/**
 * Runs `mcp` in this process, until the test has finished: on streams of its own and with nothing of this environment.
 * A process would take a second to start, and is needed where one is killed, or a pipe is full.
 */
export function serveOnStreams(env: Readonly<Record<string, string>>, args: readonly string[] = []): Served {
  const before = { ...process.env };
  for (const name of Object.keys(process.env))
    if (/^(?:GITLAB|FORCE_COLOR|NO_COLOR)/.test(name)) delete process.env[name];
  Object.assign(process.env, env);
  const [input, output, stderr] = [new PassThrough(), new PassThrough(), new PassThrough()];
  for (const [index, value] of [input, output, stderr].entries())
    Object.defineProperty(process, streams[index] ?? "", { configurable: true, value });
  let heard = "";
  stderr.on("data", (chunk: Buffer) => (heard += chunk.toString()));
  const ended = run(["mcp", ...args]).finally(() => output.end());
  onTestFinished(async () => {
    input.end();
    await ended;
    for (const [name, descriptor] of own) Object.defineProperty(process, name, descriptor);
    for (const name of Object.keys(process.env)) if (!(name in before)) delete process.env[name];
    Object.assign(process.env, before);
  });
  return { input, output, heard: () => heard, ended };
}

/** An MCP client's end of the streams: a message a line. */
export class StreamTransport<Message> {
  onclose?: () => void;
  onerror?: (error: Error) => void;
  onmessage?: (message: Message) => void;

  constructor(private readonly served: Served) {}

  start(): Promise<void> {
    const lines = createInterface({ input: this.served.output });
    lines.on("line", (line) => this.onmessage?.(JSON.parse(line) as Message));
    lines.once("close", () => this.onclose?.());
    return Promise.resolve();
  }

  async send(message: Message): Promise<void> {
    if (!this.served.input.write(`${JSON.stringify(message)}\n`)) await once(this.served.input, "drain");
  }

  async close(): Promise<void> {
    this.served.input.end();
    await this.served.ended;
  }
}
