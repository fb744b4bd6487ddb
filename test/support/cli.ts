import { spawn } from "node:child_process";
import { text } from "node:stream/consumers";
import { commandLine } from "./command-line.js";

export interface Ran {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the command line as a process of its own, with nothing of the environment's GitLab settings. */
export async function cli(
  args: readonly string[],
  options: { env?: Record<string, string>; input?: string; cwd?: string } = {},
): Promise<Ran> {
  const {
    GITLAB_TOKEN: _,
    GITLAB_URL: __,
    GITLAB_AGENT_TOOLS_KEY: ___,
    GITLAB_AGENT_TOOLS_STORE: ____,
    ...rest
  } = process.env;
  const child = spawn(process.execPath, [...commandLine, ...args], {
    env: { ...rest, ...options.env },
    ...(options.cwd && { cwd: options.cwd }),
    stdio: ["pipe", "pipe", "pipe"],
  });
  child.stdin.end(options.input ?? "");
  const ended = new Promise<number | null>((resolve) => child.once("close", resolve));
  const [stdout, stderr, code] = await Promise.all([text(child.stdout), text(child.stderr), ended]);
  return { code, stdout, stderr };
}
