import { randomUUID } from "node:crypto";
import type { AccountKey, AccountRecord, AccountStore, AuthorizationRecord } from "../account-store.js";

/** One promise of the {@link AccountStore} interface, and how to see that it is kept. */
export interface AccountStoreCheck {
  readonly name: string;
  /** Fails with an `AssertionError`. The store is open; what else is in it does not matter. */
  run(store: AccountStore): Promise<void>;
}

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
