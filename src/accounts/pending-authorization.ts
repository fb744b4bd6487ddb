import { createHash } from "node:crypto";
import type { AuthorizationRecord } from "../stores/account-store.js";
import type { ResolvedConnection } from "./connections.js";
import type { Cipher } from "./encryption.js";
import type { AccountKey } from "./types.js";

/** What a link leaves behind for its callback. Sealed, so that who can write the database cannot change it. */
export interface PendingAuthorization {
  readonly codeVerifier: string;
  readonly redirectUri: string;
  readonly scopes: readonly string[];
  readonly returnTo?: string;
  /** The caller's own, handed back by the callback. */
  readonly data?: string;
  readonly expiresAt: number;
}

/** The account that an authorization is for; its names are empty where the callback decides whose it is. */
export type AuthorizationFor = AccountKey & { readonly accountId: string };

const version = ".2";

export const hashOfState = (state: string): string => createHash("sha256").update(state).digest("base64url");

/**
 * The associated data. Instance and application are part of it: a connection that is changed between link and callback
 * does not take code and verifier elsewhere. Never changed for rows that exist: what is new has another last word.
 */
const associatedData = (
  stateHash: string,
  account: AuthorizationFor,
  { baseUrl, clientId }: ResolvedConnection,
  content: "code_verifier" | "authorization",
): string[] => [
  "authorization",
  stateHash,
  account.accountId,
  account.connectionName,
  account.identifier,
  baseUrl,
  clientId ?? "",
  content,
];

export function sealAuthorization(
  cipher: Cipher,
  stateHash: string,
  account: AuthorizationFor,
  connection: ResolvedConnection,
  pending: PendingAuthorization,
): string {
  const data = associatedData(stateHash, account, connection, "authorization");
  return `${cipher.seal(JSON.stringify(pending), data)}${version}`;
}

/** @throws {GitLabToolError} where the row, or the connection, is not what it was */
export function openAuthorization(
  cipher: Cipher,
  record: AuthorizationRecord,
  connection: ResolvedConnection,
): PendingAuthorization {
  const { stateHash, secret } = record;
  if (secret.endsWith(version)) {
    const data = associatedData(stateHash, record, connection, "authorization");
    return JSON.parse(cipher.open(secret.slice(0, -version.length), data)) as PendingAuthorization;
  }
  // A row of version 0.1: only the verifier is sealed, and the rest has to be taken from the columns.
  return {
    codeVerifier: cipher.open(secret, associatedData(stateHash, record, connection, "code_verifier")),
    redirectUri: record.redirectUri,
    scopes: record.scopes,
    ...(record.returnTo !== null && { returnTo: record.returnTo }),
    expiresAt: record.expiresAt,
  };
}

/** The same, sealed with the current key. */
export function resealAuthorization(
  cipher: Cipher,
  record: AuthorizationRecord,
  connection: ResolvedConnection,
): string {
  const pending = openAuthorization(cipher, record, connection);
  if (record.secret.endsWith(version)) {
    return sealAuthorization(cipher, record.stateHash, record, connection, pending);
  }
  const data = associatedData(record.stateHash, record, connection, "code_verifier");
  return cipher.seal(pending.codeVerifier, data);
}
