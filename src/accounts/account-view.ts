import type { AccountRecord } from "../stores/account-store.js";
import type { AccountStatus, ConnectedAccount } from "./types.js";

/** ACTIVE as stored, but its token has ended and cannot be renewed. */
export function hasLapsed({ status, refreshable, expiresAt }: AccountRecord, now: number): boolean {
  return status === "ACTIVE" && !refreshable && expiresAt !== null && expiresAt <= now;
}

/** An account as the outside may see it. */
export function showAccount(record: AccountRecord, connectionBaseUrl: string, now: number): ConnectedAccount {
  const { gitlabUserId: id, gitlabUsername: username, expiresAt } = record;
  const status: AccountStatus = hasLapsed(record, now) ? "EXPIRED" : record.status;
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
