import { setImmediate as nextTurn, setTimeout as delay } from "node:timers/promises";
import type { SqliteEngine } from "./sqlite-engine.js";

/** How long SQLite itself waits for the write lock: it stops the event loop meanwhile. Who wants to wait longer asks again. */
const writeWaitMs = 20;
/** Readers wait for a process that recovers the journal, or closes it as the last one, and for nobody else. */
const readWaitMs = 1_000;
/** How long a statement is tried again while another process holds the database. */
const patienceMs = 5_000;
/** How long statements may keep the event loop from everything else at a stretch. */
const stretchMs = 10;

const isBusy = (error: unknown): boolean =>
  error instanceof Error && /busy|locked/i.test(`${"code" in error ? String(error.code) : ""} ${error.message}`);

const pause = (): Promise<void> => delay(10 + Math.random() * 40);

/** Tries again while the database is locked, and lets the rest of the process go on meanwhile. */
export async function patiently<Result>(work: () => Result | Promise<Result>): Promise<Result> {
  const until = performance.now() + patienceMs;
  for (;;) {
    try {
      return await work();
    } catch (error) {
      if (!isBusy(error) || performance.now() > until) throw error;
      await pause();
    }
  }
}

interface Write {
  readonly work: () => unknown;
  readonly until: number;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Statements on one connection whose calls block. Writes that come together share a transaction, and so one wait for
 * the disk. Reads do not wait for writes. Neither keeps the event loop for long.
 */
export class SqliteQueue {
  readonly #engine: SqliteEngine;
  readonly #check: () => void;
  readonly #patienceMs: number;
  #writes: Write[] = [];
  #writing = false;
  /** When this turn of the event loop began to read. */
  #stretch: number | undefined;

  /** @param check fails when the database must not be used any more */
  constructor(engine: SqliteEngine, check: () => void, patience = patienceMs) {
    this.#engine = engine;
    this.#check = check;
    this.#patienceMs = patience;
    engine.exec(`pragma busy_timeout = ${readWaitMs}`);
  }

  /** Resolves at once, or when others have had their turn of the event loop. */
  async turn(): Promise<void> {
    while (this.#isLong()) await nextTurn();
  }

  async read<Result>(work: () => Result): Promise<Result> {
    await this.turn();
    return await patiently(() => {
      this.#check();
      return work();
    });
  }

  #isLong(): boolean {
    const now = performance.now();
    if (this.#stretch === undefined) {
      this.#stretch = now;
      setImmediate(() => (this.#stretch = undefined));
    }
    return now - this.#stretch > stretchMs;
  }

  write<Result>(work: () => Result): Promise<Result> {
    return new Promise<Result>((resolve, reject) => {
      const until = performance.now() + this.#patienceMs;
      this.#writes.push({ work, until, resolve: resolve as (value: unknown) => void, reject });
      if (!this.#writing) void this.#writeAll();
    });
  }

  async #writeAll(): Promise<void> {
    this.#writing = true;
    // Whatever else this turn has to write comes along.
    await nextTurn();
    while (this.#writes.length > 0) {
      try {
        this.#check();
        this.#begin();
      } catch (error) {
        this.#giveUp(error);
        if (this.#writes.length > 0) await pause();
        continue;
      }
      this.#batch();
      await nextTurn();
    }
    this.#writing = false;
  }

  #begin(): void {
    // A prepared statement of libsql that finds the database locked counts as running from then on, and nothing that
    // this connection writes is committed. `exec` cleans up behind itself: the lock is only ever waited for here.
    this.#engine.exec(`pragma busy_timeout = ${writeWaitMs}`);
    try {
      this.#engine.exec("begin immediate");
    } finally {
      this.#engine.exec(`pragma busy_timeout = ${readWaitMs}`);
    }
  }

  /** The database cannot be written now: those that have waited long enough hear why. */
  #giveUp(error: unknown): void {
    const now = performance.now();
    const waits = (write: Write): boolean => isBusy(error) && now <= write.until;
    const expired = this.#writes.filter((write) => !waits(write));
    this.#writes = this.#writes.filter(waits);
    for (const write of expired) write.reject(error);
  }

  /** One transaction. A statement that fails is out, and the others are carried out again without it. */
  #batch(): void {
    const until = performance.now() + stretchMs;
    const done: { readonly write: Write; readonly result: unknown }[] = [];
    try {
      for (let write = this.#writes[0]; write && performance.now() <= until; write = this.#writes[0]) {
        done.push({ write, result: write.work() });
        this.#writes.shift();
      }
    } catch (error) {
      this.#rollback();
      const failed = this.#writes.shift();
      this.#writes.unshift(...done.map(({ write }) => write));
      failed?.reject(error);
      return;
    }
    try {
      this.#engine.exec("commit");
    } catch (error) {
      this.#rollback();
      for (const { write } of done) write.reject(error);
      return;
    }
    for (const { write, result } of done) write.resolve(result);
  }

  #rollback(): void {
    try {
      this.#engine.exec("rollback");
    } catch {
      // SQLite has rolled back by itself, as after a full disk; what went wrong first is what counts:
      // https://www.sqlite.org/lang_transaction.html#response_to_errors_within_a_transaction
    }
  }
}
