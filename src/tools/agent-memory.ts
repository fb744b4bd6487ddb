import { createHash } from "node:crypto";
import type { AccountKey } from "../accounts/types.js";
import { memoryRows } from "../stores/memory-rows.js";
import { pagesOf, type ExpiringRow, type ExpiringRows } from "../stores/expiring-rows.js";
import { keyText } from "../stores/key-text.js";
import type { Cleanup } from "../stores/cleanup.js";

/** What is kept of an agent's conversation between its calls, in every replica: a few short texts by name, for a week. */
export interface AgentMemory {
  /** @param scope whose it is: an account and a conversation of its agent */
  recall(scope: MemoryScope, name: string): Promise<string | undefined>;
  /** Resolves when every replica knows it. `merge` makes one of what is there and what is new. */
  remember(scope: MemoryScope, name: string, merge: (known: string | undefined) => string): Promise<void>;
  forget(scope: MemoryScope, name: string): Promise<void>;
  /** Whether other processes see the same. */
  readonly isShared: boolean;
}

export interface MemoryScope {
  /** The account in one word. */
  readonly account: string;
  readonly conversation: string;
}

const kind = "agent memory";
const keptMs = 7 * 86_400_000;
const cleanupIntervalMs = 3_600_000;
/** So often somebody else may write in between. */
const mostTries = 20;

const hash = (text: string): string => createHash("sha256").update(text).digest("base64url");

/** By hash: conversations may be called after chats and people, and stores index short ids. Those of an account lie together. */
const idOf = ({ account, conversation }: MemoryScope, name: string): string =>
  `${hash(account)} ${hash(JSON.stringify([conversation, name]))}`;

/** Forgets what was kept of all conversations of an account. */
export async function forgetMemory(rows: ExpiringRows, key: AccountKey, now: () => number): Promise<void> {
  const start = `${hash(keyText(key))} `;
  for await (const { id } of pagesOf(rows, kind, now, { after: start })) {
    if (!id.startsWith(start)) return;
    await rows.take(kind, id, now());
  }
}

/** In the store's rows; in this process alone where the store has none. */
export function openMemory({
  rows: shared,
  cleanup,
  ready,
  now,
}: {
  readonly rows: ExpiringRows | undefined;
  readonly cleanup: Cleanup;
  /** Opens the store. */
  readonly ready: () => Promise<void>;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}): AgentMemory {
  const rows = shared ?? memoryRows();
  let lastCleanup = 0;

  async function cleanUp(): Promise<void> {
    if (shared) return cleanup.wrote();
    if (now() - lastCleanup < cleanupIntervalMs) return;
    lastCleanup = now();
    await rows.deleteEnded(lastCleanup);
  }

  return {
    isShared: shared !== undefined,
    async recall(scope, name) {
      await ready();
      return (await rows.get(kind, idOf(scope, name), now()))?.value;
    },
    async remember(scope, name, merge) {
      await ready();
      const id = idOf(scope, name);
      for (let tries = 0; tries < mostTries; tries += 1) {
        const known = await rows.get(kind, id, now());
        const value = merge(known?.value);
        // What is there already lives on from time to time, and is not written for every read.
        if (known?.value === value && known.expiresAt - now() > keptMs / 2) return;
        const row: ExpiringRow = { kind, id, value, expiresAt: now() + keptMs };
        if (known ? await rows.replace(row, known.value) : await rows.add(row, now())) return await cleanUp();
      }
      throw new Error("others kept changing what an agent's conversation is to remember");
    },
    async forget(scope, name) {
      await ready();
      await rows.take(kind, idOf(scope, name), now());
    },
  };
}
