import type { AccountRecord } from "../stores/account-store.js";
import { hasExpired } from "./due.js";
import type { AccountStatus, ConnectedAccount } from "./types.js";

/** An account as the outside may see it. */
export function showAccount(record: AccountRecord, connectionBaseUrl: string, now: number): ConnectedAccount {
  const { gitlabUserId: id, gitlabUsername: username, expiresAt } = record;
  const status: AccountStatus = hasExpired(record, now) ? "EXPIRED" : record.status;
  return {
    id: record.id,
    connectionName: record.connectionName,
    identifier: record.identifier,
    status,
    scopes: record.scopes,
    baseUrl: record.baseUrl ?? connectionBaseUrl,
    ...(id !== null && username !== null && { gitlabUser: { id, username } }),
    ...(expiresAt !== null && { expiresAt: new Date(expiresAt).toISOString() }),
    createdAt: new Date(record.createdAt).toISOString(),
    updatedAt: new Date(record.updatedAt).toISOString(),
  };
}
