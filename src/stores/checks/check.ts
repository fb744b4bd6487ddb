import { randomUUID } from "node:crypto";
import type { AccountKey, AccountRecord, AccountStore, AuthorizationRecord } from "../account-store.js";

/** One promise of the {@link AccountStore} interface, and how to see that it is kept. */
export interface AccountStoreCheck {
  readonly name: string;
  /** Fails with an `AssertionError`. The store is open; what else is in it does not matter. */
  run(store: AccountStore): Promise<void>;
}

interface Assertions {
  equal(actual: unknown, expected: unknown, message?: string): void;
  deepEqual(actual: unknown, expected: unknown, message?: string): void;
  ok(value: unknown, message?: string): void;
  rejects(promise: Promise<unknown>, expected: (error: unknown) => boolean): Promise<void>;
}

const node = (): Assertions => process.getBuiltinModule("node:assert/strict");

/** Node's own, loaded by the first check that runs: whoever imports the emulator has these checks along. */
export const assert: Assertions = {
  equal: (...given) => {
    node().equal(...given);
  },
  deepEqual: (...given) => {
    node().deepEqual(...given);
  },
  ok: (...given) => {
    node().ok(...given);
  },
  rejects: (...given) => node().rejects(...given),
};

/** By name: a store in another package, with its own copy of the class, throws the same. */
export const isTimeout = (error: unknown): error is Error & { readonly retryable?: unknown } =>
  error instanceof Error && error.name === "GitLabToolError" && "code" in error && error.code === "timeout";

/** Any moment, in milliseconds since 1970. */
export const at = 1_700_000_000_000;

export function account(key: AccountKey, more: Partial<AccountRecord> = {}): AccountRecord {
  return {
    id: randomUUID(),
    ...key,
    status: "PENDING",
    scopes: [],
    baseUrl: null,
    gitlabUserId: null,
    gitlabUsername: null,
    secret: null,
    refreshable: false,
    expiresAt: null,
    createdAt: at,
    updatedAt: at,
    version: 1,
    ...more,
  };
}

/** Of nobody that is in the store. */
export const newKey = (): AccountKey => ({ connectionName: `connection ${randomUUID()}`, identifier: "somebody" });

export function authorization(owner: AccountRecord, more: Partial<AuthorizationRecord> = {}): AuthorizationRecord {
  return {
    stateHash: randomUUID(),
    accountId: owner.id,
    connectionName: owner.connectionName,
    identifier: owner.identifier,
    secret: "sealed",
    redirectUri: "https://app.example/callback",
    scopes: ["read_api", "read_user"],
    returnTo: "/settings",
    expiresAt: at + 600_000,
    usedAt: null,
    ...more,
  };
}
