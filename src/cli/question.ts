import { once } from "node:events";
import { createInterface } from "node:readline";
import { pauseBusy } from "./busy.js";
import { CommandFailure } from "./output.js";

/** Whether there is somebody to ask: a person who sees the question, and whose answer comes in. */
export const canAsk = (): boolean => Boolean(process.stdin.isTTY && process.stderr.isTTY);

/** A yes to a question at the terminal. */
export async function isAgreed(question: string): Promise<boolean> {
  pauseBusy();
  // Escape sequences in what is asked about would change what the person reads.
  process.stderr.write(`${question.replaceAll(/[^\P{Cc}\n]/gu, "�")}\n[y/N] `);
  const lines = createInterface({ input: process.stdin });
  try {
    const [answer] = await Promise.race([
      once(lines, "line") as Promise<[string]>,
      once(lines, "close").then((): [string] => [""]),
    ]);
    return /^\s*y(?:es)?\s*$/i.test(answer);
  } finally {
    lines.close();
  }
}

/**
 * Asks before what cannot be undone, where there is somebody to ask: a script is not held up.
 *
 * @throws {CommandFailure} where the person does not agree
 */
export async function agreeTo(question: string, { yes }: { readonly yes?: boolean | undefined }): Promise<void> {
  if (yes || !canAsk() || (await isAgreed(question))) return;
  throw new CommandFailure("cancelled", "Nothing was changed.");
}
