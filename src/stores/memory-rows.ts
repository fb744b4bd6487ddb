/* oxlint-disable typescript/require-await -- the interface is asynchronous, memory need not be */
import type { ExpiringRow, ExpiringRows } from "./expiring-rows.js";

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** In this process. */
export function memoryRows(): ExpiringRows {
  const rows = new Map<string, ExpiringRow>();
  const key = (kind: string, id: string): string => JSON.stringify([kind, id]);
  const living = (kind: string, id: string, now: number): ExpiringRow | undefined => {
    const row = rows.get(key(kind, id));
    return row && row.expiresAt > now ? row : undefined;
  };
  return {
    add: async (row, now) => {
      if (living(row.kind, row.id, now)) return false;
      rows.set(key(row.kind, row.id), row);
      return true;
    },
    get: async (kind, id, now) => living(kind, id, now),
    replace: async (row, value) => {
      const at = key(row.kind, row.id);
      if (rows.get(at)?.value !== value) return false;
      const { about } = rows.get(at) ?? {};
      rows.set(at, about === undefined ? row : { about, ...row });
      return true;
    },
    take: async (kind, id, now) => {
      const row = living(kind, id, now);
      if (row) rows.delete(key(kind, id));
      return row;
    },
    list: async (kind, { now, after, about, limit }) =>
      [...rows.values()]
        .filter((row) => row.kind === kind && row.expiresAt > now && (after === undefined || row.id > after))
        .filter((row) => about === undefined || row.about === about)
        .sort((a, b) => compare(a.id, b.id))
        .slice(0, limit),
    deleteEnded: async (now) => {
      for (const [at, row] of rows) if (row.expiresAt <= now) rows.delete(at);
    },
  };
}
