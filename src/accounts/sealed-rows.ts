import type { ExpiringRow, ExpiringRows } from "../stores/expiring-rows.js";
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
export const placeOfRow = (kind: string, id: string): string[] => ["row", kind, id];

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
    const place = placeOfRow(current.kind, current.id);
    const value = cipher.seal(cipher.open(current.value, place), place);
    if (await rows.replace({ ...current, value }, current.value)) return true;
    current = await rows.get(row.kind, row.id, now);
  }
  return false;
}
