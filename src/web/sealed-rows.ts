import { createHash, randomBytes } from "node:crypto";
import { createCipher } from "../accounts/encryption.js";
import { contextOfRow, type SealedKind } from "../accounts/sealed-rows.js";
import type { GitLabParts } from "../gitlab-parts.js";
import type { ExpiringRows } from "../stores/expiring-rows.js";

/** A row as it is stored, to be replaced only as long as it is that. */
export interface OpenedRow<Value> {
  readonly value: Value;
  readonly stored: string;
}

/** Rows of one kind in the account store, each sealed for its place. Their ids may be secrets: only hashes are stored. */
export interface SealedRows<Value> {
  add(id: string, value: Value, lifetimeMs: number): Promise<boolean>;
  get(id: string): Promise<OpenedRow<Value> | undefined>;
  /** `false` where somebody else has replaced it meanwhile. */
  replace(id: string, found: OpenedRow<Value>, value: Value, lifetimeMs: number): Promise<boolean>;
  /** All that have not ended. */
  list(): Promise<Value[]>;
  /** To one caller only, ever. */
  take(id: string): Promise<Value | undefined>;
}

const pageSize = 200;

/** A secret that nobody guesses. */
export const newSecret = (): string => randomBytes(32).toString("base64url");

export const hashOf = (text: string): string => createHash("sha256").update(text).digest("base64url");

/** @param rows of the client's store */
export function sealedRows<Value extends object>(
  { keys, now, ready, cleanup }: GitLabParts,
  rows: ExpiringRows,
  kind: SealedKind,
): SealedRows<Value> {
  const cipher = createCipher(keys);
  const context = (hash: string): string[] => contextOfRow(kind, hash);
  const seal = (hash: string, value: Value): string => cipher.seal(JSON.stringify(value), context(hash));
  /** What does not open is as good as gone: it was sealed with a key that is no longer there. */
  function open(hash: string, stored: string): Value | undefined {
    try {
      return JSON.parse(cipher.open(stored, context(hash))) as Value;
    } catch {
      return undefined;
    }
  }

  return {
    async add(id, value, lifetimeMs) {
      await ready();
      cleanup.wrote();
      const [hash, at] = [hashOf(id), now()];
      return await rows.add({ kind, id: hash, value: seal(hash, value), expiresAt: at + lifetimeMs }, at);
    },
    async get(id) {
      await ready();
      const hash = hashOf(id);
      const row = await rows.get(kind, hash, now());
      const value = row && open(hash, row.value);
      return row && value && { value, stored: row.value };
    },
    async replace(id, { stored }, value, lifetimeMs) {
      await ready();
      const hash = hashOf(id);
      return await rows.replace({ kind, id: hash, value: seal(hash, value), expiresAt: now() + lifetimeMs }, stored);
    },
    async list() {
      await ready();
      const values: Value[] = [];
      for (let after: string | undefined; ;) {
        const page = await rows.list(kind, { now: now(), limit: pageSize, ...(after !== undefined && { after }) });
        for (const { id, value } of page) values.push(...[open(id, value)].filter((one) => one !== undefined));
        after = page.at(-1)?.id;
        if (page.length < pageSize) return values;
      }
    },
    async take(id) {
      await ready();
      const hash = hashOf(id);
      const row = await rows.take(kind, hash, now());
      return row && open(hash, row.value);
    },
  };
}
