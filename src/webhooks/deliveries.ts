import { createHash } from "node:crypto";
import { isObject } from "../is-object.js";
import type { AccountStore, ExpiringRows } from "../stores/account-store.js";
import type { Cleanup } from "../stores/cleanup.js";

/** Which deliveries were taken before. Every method is atomic. */
export interface DeliveryLog {
  /** Whether nobody else has taken the delivery on; it is kept until then. */
  claim(id: string, now: number, until: number): Promise<boolean>;
  /** Keeps it longer: it has been handled. */
  keep(id: string, now: number, until: number): Promise<void>;
  /** It was not handled after all: the next attempt may. */
  forget(id: string): Promise<void>;
}

const mostInMemory = 100_000;

/** For one process. */
export class MemoryDeliveries implements DeliveryLog {
  readonly #until = new Map<string, number>();

  claim(id: string, now: number, until: number): Promise<boolean> {
    const isNew = (this.#until.get(id) ?? 0) <= now;
    if (isNew) {
      this.#until.delete(id);
      this.#until.set(id, until);
      this.#makeRoom(now);
    }
    return Promise.resolve(isNew);
  }

  keep(id: string, _now: number, until: number): Promise<void> {
    this.#until.set(id, until);
    return Promise.resolve();
  }

  forget(id: string): Promise<void> {
    this.#until.delete(id);
    return Promise.resolve();
  }

  #makeRoom(now: number): void {
    for (const [id, until] of this.#until) {
      if (until > now && this.#until.size <= mostInMemory) return;
      this.#until.delete(id);
    }
  }
}

const kind = "webhook delivery";
const hashOf = (id: string): string => createHash("sha256").update(id).digest("base64url").slice(0, 32);

/** For all processes on an account store that keeps rows: one for each delivery, which ends by itself. */
export class RowDeliveries implements DeliveryLog {
  readonly #store: AccountStore;
  readonly #rows: ExpiringRows;
  readonly #cleanup: Cleanup;
  #ready: Promise<void> | undefined;

  constructor(store: AccountStore, rows: ExpiringRows, cleanup: Cleanup) {
    this.#store = store;
    this.#rows = rows;
    this.#cleanup = cleanup;
  }

  async claim(id: string, now: number, until: number): Promise<boolean> {
    await (this.#ready ??= this.#store.open());
    this.#cleanup.wrote();
    return await this.#rows.add({ kind, id: hashOf(id), value: "", expiresAt: until }, now);
  }

  async keep(id: string, now: number, until: number): Promise<void> {
    const row = { kind, id: hashOf(id), value: "", expiresAt: until };
    // It took longer than the claim lasted where there is no such row any more.
    if (!(await this.#rows.replace(row, row.value))) await this.#rows.add(row, now);
  }

  async forget(id: string): Promise<void> {
    await this.#rows.take(kind, hashOf(id), 0);
  }
}

const shelves = 16;
const mostOnShelf = 5_000;

/**
 * For all processes on an account store of somebody's own that keeps no rows. Ids lie in a fixed number of settings, each written under a lock of its own: no
 * table of its own is needed, and nothing grows without end.
 */
export class StoredDeliveries implements DeliveryLog {
  #ready: Promise<void> | undefined;

  constructor(private readonly store: AccountStore) {}

  async claim(id: string, now: number, until: number): Promise<boolean> {
    return await this.#change(id, (shelf, key) => {
      if ((shelf[key] ?? 0) > now) return false;
      for (const [other, end] of Object.entries(shelf)) if (end <= now) delete shelf[other];
      shelf[key] = until;
      return true;
    });
  }

  async keep(id: string, _now: number, until: number): Promise<void> {
    await this.#change(id, (shelf, key) => {
      shelf[key] = until;
      return true;
    });
  }

  async forget(id: string): Promise<void> {
    await this.#change(id, (shelf, key) => delete shelf[key]);
  }

  async #change(id: string, change: (shelf: Record<string, number>, key: string) => boolean): Promise<boolean> {
    await (this.#ready ??= this.store.open());
    const key = hashOf(id);
    const name = `webhook-deliveries:${parseInt(createHash("sha256").update(id).digest("hex").slice(0, 2), 16) % shelves}`;
    return await this.store.withLock(name, async () => {
      const shelf = parseShelf(await this.store.getSetting(name));
      const changed = change(shelf, key);
      if (changed) await this.store.putSetting(name, JSON.stringify(withinBounds(shelf)));
      return changed;
    });
  }
}

function parseShelf(text: string | undefined): Record<string, number> {
  const value: unknown = text === undefined ? {} : JSON.parse(text);
  const entries = Object.entries(isObject(value) ? value : {});
  return Object.fromEntries(entries.filter((entry): entry is [string, number] => typeof entry[1] === "number"));
}

function withinBounds(shelf: Record<string, number>): Record<string, number> {
  const entries = Object.entries(shelf);
  if (entries.length <= mostOnShelf) return shelf;
  return Object.fromEntries(entries.sort(([, one], [, other]) => other - one).slice(0, mostOnShelf));
}
