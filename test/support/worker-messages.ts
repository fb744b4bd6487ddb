import type { ConnectionConfig } from "../../src/accounts/types.js";

export interface WorkerSetup {
  readonly store: string;
  readonly encryptionKey: string;
  readonly connection: ConnectionConfig;
}

/** So many calls at once, on a clock that is ahead of the machine's. */
export interface WorkerOrder {
  readonly identifier: string;
  readonly calls: number;
  readonly offsetMs: number;
}

export interface WorkerReport {
  readonly succeeded: number;
  /** Whom GitLab took the callers for. */
  readonly users: readonly string[];
  readonly failures: readonly string[];
  readonly ms: number;
}
