import { pagesOf, type ExpiringRow, type ExpiringRows } from "../stores/expiring-rows.js";
import type { Cipher } from "./encryption.js";

/**
 * Kinds of rows in the account store whose values are sealed: of people who sign in to an MCP server, and of what they
 * have allowed; the keys of a gateway's products, and answers that it keeps for them. A rotation of keys seals them anew.
 */
export const sealedKinds = [
  "mcp client",
  "mcp request",
  "mcp departure",
  "mcp code",
  "mcp grant",
  "api key",
  "kept answer",
] as const;

export type SealedKind = (typeof sealedKinds)[number];

/** Where a row's value belongs: elsewhere it does not open. */
export const contextOfRow = (kind: string, id: string): string[] => ["row", kind, id];

/** All rows of a kind whose values open, with what is in them. */
export async function* openedRows(
  rows: ExpiringRows,
  cipher: Cipher,
  kind: SealedKind,
  now: () => number,
): AsyncGenerator<{ readonly row: ExpiringRow; readonly value: unknown }> {
  for await (const row of pagesOf(rows, kind, now)) {
    let value: unknown;
    try {
      value = JSON.parse(cipher.open(row.value, contextOfRow(kind, row.id)));
    } catch {
      // Sealed with a key that is no longer there: nobody can use it.
      continue;
    }
    yield { row, value };
  }
}

/** A row that somebody else keeps writing to is sealed anew by them. */
const mostTries = 5;

/**
 * Seals a row with the current key.
 *
 * @returns `false` when others kept changing the row
 * @throws {GitLabToolError} for a value that no configured key opens
 */
export async function resealRow(rows: ExpiringRows, cipher: Cipher, row: ExpiringRow, now: number): Promise<boolean> {
  let current: ExpiringRow | undefined = row;
  for (let attempt = 1; attempt <= mostTries; attempt += 1) {
    if (!current || cipher.isCurrent(current.value)) return true;
    const context = contextOfRow(current.kind, current.id);
    const value = cipher.seal(cipher.open(current.value, context), context);
    if (await rows.replace({ ...current, value }, current.value)) return true;
    current = await rows.get(row.kind, row.id, now);
  }
  return false;
}
