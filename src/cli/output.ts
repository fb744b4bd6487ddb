import { GitLabToolError } from "../errors/gitlab-tool-error.js";

export const exitCodes = { ok: 0, error: 1, usage: 2 } as const;

/** A command that was used wrongly, beyond what its option parser sees. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

const codes = { bold: 1, dim: 2, red: 31, green: 32, yellow: 33, cyan: 36 } as const;

/** Colours only on a terminal, and never against `NO_COLOR` (no-color.org). */
export function paint(style: keyof typeof codes, text: string, stream: NodeJS.WriteStream = process.stdout): string {
  const wanted = stream.isTTY && !process.env["NO_COLOR"] && process.env["TERM"] !== "dumb";
  return wanted ? `\u001b[${codes[style]}m${text}\u001b[0m` : text;
}

export function print(text: string): void {
  process.stdout.write(text.endsWith("\n") ? text : `${text}\n`);
}

export function printJson(value: unknown): void {
  print(JSON.stringify(value, undefined, 2));
}

/** A line about work that takes a while; to stderr, so that stdout stays what was asked for. */
export function progress(text: string): void {
  if (process.stderr.isTTY) process.stderr.write(`${paint("dim", text, process.stderr)}\n`);
}

/** Tells an error to the person, or to the program that reads `--json`, and returns the exit code. */
export function reportError(error: unknown, { json }: { json: boolean }): number {
  const code = error instanceof UsageError ? exitCodes.usage : exitCodes.error;
  const message = error instanceof Error ? error.message : String(error);
  if (json) {
    const plain =
      error instanceof GitLabToolError
        ? error.toJSON()
        : { code: code === exitCodes.usage ? "usage" : "error", message };
    process.stderr.write(`${JSON.stringify({ error: plain })}\n`);
    return code;
  }
  const label = error instanceof GitLabToolError ? `error (${error.code})` : "error";
  process.stderr.write(`${paint("red", label, process.stderr)}: ${message}\n`);
  if (error instanceof GitLabToolError && error.hint)
    process.stderr.write(`${paint("cyan", "hint", process.stderr)}: ${error.hint}\n`);
  return code;
}
