import type { ExpiringRows } from "./expiring-rows.js";

/** Names an account: (connection, identifier). */
export interface AccountKey {
  readonly connectionName: string;
  readonly identifier: string;
}

export type AccountStatus = "PENDING" | "ACTIVE" | "EXPIRED" | "REVOKED";

export type { ExpiringRow, ExpiringRows, RowsPage } from "./expiring-rows.js";

/** An account as a store keeps it. Times are milliseconds since 1970. */
export interface AccountRecord extends AccountKey {
  readonly id: string;
  readonly status: AccountStatus;
  readonly scopes: readonly string[];
  /** The instance that issued the token; `null` until connected. */
  readonly baseUrl: string | null;
  readonly gitlabUserId: number | null;
  readonly gitlabUsername: string | null;
  /** The tokens, encrypted and bound to this account. A store keeps it as it is. */
  readonly secret: string | null;
  /** Whether the tokens can be renewed without the person. */
  readonly refreshable: boolean;
  readonly expiresAt: number | null;
  readonly createdAt: number;
  readonly updatedAt: number;
  /** Grows by one with every update: what {@link AccountStore.updateAccount} compares. */
  readonly version: number;
}

/** What an update may change. */
export type AccountChanges = Partial<
  Pick<
    AccountRecord,
    "status" | "scopes" | "baseUrl" | "gitlabUserId" | "gitlabUsername" | "secret" | "refreshable" | "expiresAt"
  >
> &
  Pick<AccountRecord, "updatedAt">;

/** An authorization that a person was sent to GitLab for. */
export interface AuthorizationRecord extends AccountKey {
  /** SHA-256 of the `state` parameter: the store could not forge a callback. */
  readonly stateHash: string;
  readonly accountId: string;
  /** The PKCE code verifier, encrypted. */
  readonly secret: string;
  readonly redirectUri: string;
  readonly scopes: readonly string[];
  readonly returnTo: string | null;
  readonly expiresAt: number;
  /** `null` until a callback has used it. */
  readonly usedAt: number | null;
}

/** A connection added at run time. */
export interface ConnectionRecord {
  readonly name: string;
  /** JSON without any secret. */
  readonly config: string;
  /** What of the connection is secret, encrypted and bound to it. */
  readonly secret: string | null;
  readonly updatedAt: number;
}

/** Which accounts, in the order of (connection, identifier). */
export interface AccountFilter {
  readonly connectionName?: string;
  readonly identifier?: string;
  /** Only accounts whose identifier begins with this. A store may leave it alone: what it returns is looked at again. */
  readonly identifierPrefix?: string;
  /** Only accounts behind this one. */
  readonly after?: AccountKey;
  readonly limit: number;
}

/** Which accounts a background refresher takes on. */
export interface DueAccounts {
  readonly now: number;
  /** ACTIVE, refreshable accounts whose tokens end before this moment. */
  readonly expiresBefore: number;
  /** Until when nobody else is given the same account. */
  readonly claimUntil: number;
  readonly limit: number;
}

/** How long a lock is waited for, and held at most. */
export interface LockOptions {
  /** How long to wait for the turn, in milliseconds; then a retryable `timeout`. Default: 60,000. */
  readonly waitMs?: number;
  /**
   * How long the work may take, in milliseconds. The lock of a process that is stuck goes to the next one soon after.
   * Default: 120,000.
   */
  readonly holdMs?: number;
  /** Ends the waiting, not the work. */
  readonly signal?: AbortSignal;
}

/** What the holder of a lock has to know. */
export interface Lock {
  /** Whoever had it before died, or took too long, and did not give it back: its work may be half done. */
  readonly abandoned: boolean;
}

/**
 * Where connected accounts live. Bring your own by implementing this interface; the checks of
 * `gitlab-agent-tools/testing` (`accountStoreChecks`) say whether it behaves.
 *
 * A store sees no secret: tokens, code verifiers and client secrets reach it encrypted. Every method is atomic, also
 * against other processes that use the same store.
 */
export interface AccountStore {
  /** Makes the store ready: connects, brings its tables up to date. Called before anything else, possibly again. */
  open(): Promise<void>;
  close(): Promise<void>;

  /** Inserts the account unless (connection, identifier) has one, and returns the one that is stored. */
  addAccount(account: AccountRecord): Promise<AccountRecord>;
  /** One look-up by (connection, identifier): the hot path. */
  getAccount(key: AccountKey): Promise<AccountRecord | undefined>;
  listAccounts(filter: AccountFilter): Promise<AccountRecord[]>;
  /**
   * Compare and set: `undefined`, and nothing changed, unless the stored version is `version`.
   *
   * @param lock which has served its purpose once the update is made: a store may give it back in the same step. Left
   *   alone, it is given back when its work ends.
   */
  updateAccount(id: string, version: number, changes: AccountChanges, lock?: Lock): Promise<AccountRecord | undefined>;
  /**
   * Deletes the account and its authorizations. `false`, and nothing deleted, when there was none, or when `version` is
   * given and is not the stored one.
   */
  deleteAccount(id: string, version?: number): Promise<boolean>;
  /** Hands each due account to one caller only, those that end first in front. */
  claimDueAccounts(due: DueAccounts): Promise<AccountRecord[]>;

  addAuthorization(authorization: AuthorizationRecord): Promise<void>;
  /** Marks it used and returns it as it was before: `usedAt` is `null` for one caller only, ever. */
  useAuthorization(stateHash: string, now: number): Promise<AuthorizationRecord | undefined>;
  /** Deletes what expired before then: all, or some thousand at a time, as it is called often. */
  deleteAuthorizations(expiredBefore: number): Promise<void>;
  /** Authorizations in the order of their state's hash, behind `after`. Without it, keys cannot be rotated. */
  listAuthorizations?(page: { readonly after?: string; readonly limit: number }): Promise<AuthorizationRecord[]>;
  /** Replaces the secret of an authorization that nobody has used. Without it, keys cannot be rotated. */
  resealAuthorization?(stateHash: string, secret: string): Promise<void>;

  getConnection(name: string): Promise<ConnectionRecord | undefined>;
  listConnections(): Promise<ConnectionRecord[]>;
  putConnection(connection: ConnectionRecord): Promise<void>;
  deleteConnection(name: string): Promise<boolean>;

  getSetting(name: string): Promise<string | undefined>;
  /** Stores the value unless the name has one, and returns the one that is stored. */
  addSetting(name: string, value: string): Promise<string>;
  putSetting(name: string, value: string): Promise<void>;
  /** `false` where there was none. Without it, a person's data leaves an empty setting when it is deleted. */
  deleteSetting?(name: string): Promise<boolean>;

  /**
   * Forgets some of the locks that were abandoned, by processes that died, at least so long ago (milliseconds). Without
   * it, such a lock stays until somebody wants the same one.
   */
  deleteAbandonedLocks?(agoMs: number): Promise<void>;

  /** Where those who sign in to the MCP server are kept. Without it, nobody signs in there. */
  readonly rows?: ExpiringRows;

  /**
   * Runs `work` while nobody else runs theirs under the same name, in any process. Waits for its turn, though not without
   * end. A process that dies gives its locks up. `work` may use the store's other methods.
   */
  withLock<Result>(name: string, work: (lock: Lock) => Promise<Result>, options?: LockOptions): Promise<Result>;
}
