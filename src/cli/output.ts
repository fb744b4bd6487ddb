import { GitLabToolError } from "../errors/gitlab-tool-error.js";
import { clearBusy } from "./busy.js";
import { systemProblem } from "./system-problem.js";

export const exitCodes = { ok: 0, error: 1, usage: 2 } as const;

/** A command that was used wrongly, beyond what its option parser sees. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

/** A command that did its work, with an outcome that is to fail a script. */
export class CommandFailure extends Error {
  override readonly name = "CommandFailure";

  constructor(
    readonly code: string,
    message: string,
  ) {
    super(message);
  }
}

const codes = { bold: 1, dim: 2, red: 31, green: 32, yellow: 33, cyan: 36 } as const;

/** Whether a program may have colours: `FORCE_COLOR` (force-color.org), else `NO_COLOR` (no-color.org), else on a terminal. */
function isColoured(stream: NodeJS.WriteStream): boolean {
  const { FORCE_COLOR: force, NO_COLOR: none, TERM: terminal } = process.env;
  if (force) return force !== "0" && force !== "false";
  return Boolean(stream.isTTY) && !none && terminal !== "dumb";
}

export function paint(style: keyof typeof codes, text: string, stream: NodeJS.WriteStream = process.stdout): string {
  return isColoured(stream) ? `\u001b[${codes[style]}m${text}\u001b[0m` : text;
}

export function print(text: string): void {
  clearBusy();
  process.stdout.write(text.endsWith("\n") ? text : `${text}\n`);
}

export function printJson(value: unknown): void {
  print(JSON.stringify(value, undefined, 2));
}

/** A line about work that takes a while; to stderr, so that stdout stays what was asked for. */
export function progress(text: string): void {
  clearBusy();
  if (process.stderr.isTTY) process.stderr.write(`${paint("dim", text, process.stderr)}\n`);
}

/**
 * A line for the person who watches; a line of JSON where a program does. To stderr: standard output is for what was
 * asked for, or belongs to a protocol.
 */
export type Reporter = (text: string, facts?: Readonly<Record<string, unknown>>) => void;

export function reporter({ json }: { readonly json?: boolean }): Reporter {
  return (text, facts = { message: text }) => {
    clearBusy();
    process.stderr.write(`${json ? JSON.stringify(facts) : text}\n`);
  };
}

/** The error as `--json` shows it. */
export function plainError(error: unknown): Record<string, unknown> {
  if (error instanceof GitLabToolError) return error.toJSON();
  const system = systemProblem(error);
  if (system) return { code: "error", ...system };
  const message = error instanceof Error ? error.message : String(error);
  if (error instanceof CommandFailure) return { code: error.code, message };
  // What is wrong with a specification comes as a list, each with its place.
  const problems = error instanceof Error && "problems" in error ? error.problems : undefined;
  return {
    code: error instanceof UsageError ? "usage" : "error",
    message,
    ...(Array.isArray(problems) && { problems }),
  };
}

/** Tells an error to the person, or to the program that reads `--json`, and returns the exit code. */
export function reportError(error: unknown, { json }: { json: boolean }): number {
  const code = error instanceof UsageError ? exitCodes.usage : exitCodes.error;
  if (json) {
    process.stderr.write(`${JSON.stringify({ error: plainError(error) })}\n`);
    return code;
  }
  clearBusy();
  const system = systemProblem(error);
  const message = system?.message ?? (error instanceof Error ? error.message : String(error));
  const hint = error instanceof GitLabToolError ? error.hint : system?.hint;
  const failed = error instanceof CommandFailure ? error.code : "error";
  const label = error instanceof GitLabToolError ? `error (${error.code})` : failed;
  process.stderr.write(`${paint("red", label, process.stderr)}: ${message}\n`);
  if (hint) process.stderr.write(`${paint("cyan", "hint", process.stderr)}: ${hint}\n`);
  return code;
}
