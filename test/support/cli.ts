import { Readable } from "node:stream";
import { vi } from "vitest";
import { run } from "../../src/cli/program.js";

export interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CliOptions {
  readonly env?: Readonly<Record<string, string>>;
  /** What standard input says. */
  readonly input?: string;
  /** Whether standard input and stderr are a terminal. */
  readonly terminal?: boolean;
  /** Standard output is a terminal of so many columns. */
  readonly columns?: number;
  /** Reads what is written to stderr, as it is written. */
  readonly onStderr?: (text: string) => void;
}

const settings = [
  "FORCE_COLOR",
  "NO_COLOR",
  "GITLAB_TOKEN",
  "GITLAB_URL",
  "GITLAB_CLIENT_ID",
  "GITLAB_CLIENT_SECRET",
  "GITLAB_AGENT_TOOLS_KEY",
  "GITLAB_AGENT_TOOLS_STORE",
];

type Written = (error?: Error | null) => void;

/** Takes what is written to a stream until it is given back. */
function capture(stream: NodeJS.WriteStream, onText?: (text: string) => void) {
  let text = "";
  const take = (chunk: string | Uint8Array, encoding?: BufferEncoding | Written, callback?: Written): boolean => {
    const piece = typeof chunk === "string" ? chunk : Buffer.from(chunk).toString();
    text += piece;
    onText?.(piece);
    (typeof encoding === "function" ? encoding : callback)?.();
    return true;
  };
  const spy = vi.spyOn(stream, "write").mockImplementation(take);
  return { written: () => text, end: () => spy.mockRestore() };
}

/**
 * Runs the command line in this process, which takes a hundredth of the time that starting it takes: with its own
 * output, standard input and exit code, and with nothing of the environment's GitLab settings. One at a time. What a
 * process of its own is needed for (signals, pipes that close) starts one by `commandLine`.
 */
export async function cli(
  args: readonly string[],
  { env = {}, input = "", terminal = false, columns, onStderr }: CliOptions = {},
): Promise<Ran> {
  const before = { ...process.env };
  const tty = Object.getOwnPropertyDescriptor(process.stderr, "isTTY");
  const stdin = Object.getOwnPropertyDescriptor(process, "stdin") ?? {};
  for (const name of settings) delete process.env[name];
  Object.assign(process.env, env);
  Object.defineProperty(process, "stdin", {
    configurable: true,
    value: Object.assign(Readable.from([Buffer.from(input)]), { isTTY: terminal }),
  });
  Object.defineProperty(process.stderr, "isTTY", { configurable: true, value: terminal });
  const [outTty, outColumns] = [process.stdout.isTTY, process.stdout.columns];
  Object.assign(process.stdout, { isTTY: columns !== undefined, columns: columns ?? outColumns });
  const stdout = capture(process.stdout);
  const stderr = capture(process.stderr, onStderr);
  try {
    const code = await run(args);
    return { code, stdout: stdout.written(), stderr: stderr.written() };
  } finally {
    stdout.end();
    stderr.end();
    Object.assign(process.stdout, { isTTY: outTty, columns: outColumns });
    Object.defineProperty(process, "stdin", stdin);
    if (tty) Object.defineProperty(process.stderr, "isTTY", tty);
    else Reflect.deleteProperty(process.stderr, "isTTY");
    for (const name of Object.keys(process.env)) if (!(name in before)) delete process.env[name];
    Object.assign(process.env, before);
  }
}
