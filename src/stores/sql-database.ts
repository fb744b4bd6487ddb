import type { Kysely } from "kysely";
import type { Lock, LockOptions } from "./account-store.js";
import type { CompiledQueries } from "./compiled-queries.js";
import type { Tables } from "./tables.js";

/** An open SQL database, and what differs between one and another. */
export interface SqlDatabase {
  readonly db: Kysely<Tables>;
  readonly queries: CompiledQueries;
  /** Whether `FOR UPDATE SKIP LOCKED` is there to spread work over several claimers. */
  readonly skipsLocked: boolean;
  /** Whether one statement may change several tables: a `WITH` that holds statements that write. */
  readonly writesInWith: boolean;
  /** Waited for before a query is built, where queries keep the event loop busy. */
  readonly turn?: () => Promise<void>;
  /** How many characters of an identifier the index has, where it cannot have all of them. */
  readonly indexed?: number;
  /** The most bytes that a name in a primary key may have. */
  readonly longestName?: number;
  /** Takes away what only the version before needs, where it is in the way. */
  readonly contract?: () => Promise<void>;
  withLock<Result>(name: string, work: (lock: Lock) => Promise<Result>, options?: LockOptions): Promise<Result>;
  deleteAbandonedLocks(agoMs: number): Promise<void>;
  close(): Promise<void>;
}
