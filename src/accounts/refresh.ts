import type { GitLabToolError } from "../errors/gitlab-tool-error.js";
import type { AccountChanges, AccountRecord, Lock } from "../stores/account-store.js";
import type { AccountCache } from "./account-cache.js";
import { accountExpired, accountRevoked, refreshLost } from "./account-errors.js";
import type { ConnectionDirectory, ResolvedConnection } from "./connections.js";
import type { AccountsContext } from "./context.js";
import { dueAt, isUsable, usableUntil, type LoadedAccount } from "./due.js";
import { whoIs } from "./gitlab-token.js";
import { explainOAuthFailure, OAuthFailure } from "./oauth-failure.js";
import type { Grant } from "./oauth-response.js";
import { connectionOf, persist, requestRefresh } from "./refresh-grant.js";
import type { KeyedSemaphore } from "./keyed-semaphore.js";
import type { AccountRegistry } from "./registry.js";
import type { RejectedToken, Rejection } from "./rejected-token.js";
import { openTokens, sealTokens, tokensFrom, type Tokens } from "./tokens.js";
import type { AccountKey } from "./types.js";

/** How long another process may take from GitLab's response to its own write before we believe a refusal. */
const graceMs = 400;

/** What a refresh works with. */
export interface RefreshParts {
  readonly context: AccountsContext;
  readonly connections: ConnectionDirectory;
  readonly registry: AccountRegistry;
  readonly cache: AccountCache;
  /** Limits how many accounts of one instance are refreshed at once. */
  readonly refreshPermits: KeyedSemaphore;
  /** Reads the account from the store. Tokens that are known already are not decrypted again. */
  readonly load: (key: AccountKey, known?: LoadedAccount) => Promise<LoadedAccount>;
}

/** Why another token is needed: the present one is due, has been rejected, or does not live long enough. */
export interface RefreshReason {
  readonly rejected?: RejectedToken | undefined;
  readonly aheadMs?: number | undefined;
}

/** The time under the account's lock. */
interface Turn {
  readonly lock: Lock;
  /** The cache's epoch when the account was read. */
  readonly since: number;
}

/** Whether the account has the token that GitLab has rejected. */
export function isRejected({ tokens }: LoadedAccount, rejected: RejectedToken | undefined): boolean {
  return tokens.access.reveal() === rejected?.token;
}

/** Whether the account's token needs no refresh. */
export function isFresh(
  { now, refreshSkewMs }: AccountsContext,
  account: LoadedAccount,
  { rejected, aheadMs = 0 }: RefreshReason,
): boolean {
  return !isRejected(account, rejected) && now() + aheadMs < dueAt(account, refreshSkewMs);
}

/** Refreshes the account's token under its lock, unless another process has done so meanwhile. */
export async function refreshAccount(
  parts: RefreshParts,
  due: LoadedAccount,
  reason: RefreshReason,
): Promise<LoadedAccount> {
  const { context, registry, cache, refreshPermits, load } = parts;
  const { record } = due;
  const fresh = async (): Promise<{ loaded: LoadedAccount; since: number; kept: LoadedAccount | undefined }> => {
    const since = cache.epoch;
    const loaded = await load(record, due);
    return { loaded, since, kept: isFresh(context, loaded, reason) ? keep(parts, loaded, since) : undefined };
  };
  const permit = await refreshPermits.acquire(record.baseUrl ?? "");
  try {
    // Where many wait, another process has often come first: its work is seen without the lock.
    const kept = permit.waited ? (await fresh()).kept : undefined;
    if (kept) return kept;
    return await registry.exclusively(record, async (lock) => {
      const { loaded, since, kept } = await fresh();
      if (kept) return kept;
      // Who had the lock before us may have died between GitLab's rotation and its own write.
      const account = lock.abandoned ? await noteMaybeRotated(parts, loaded) : loaded;
      return await replaceToken(parts, account, { since, lock }, reason);
    });
  } finally {
    permit.release();
  }
}

export function keep(
  { cache, context }: Pick<RefreshParts, "cache" | "context">,
  account: LoadedAccount,
  since: number,
  until = dueAt(account, context.refreshSkewMs),
): LoadedAccount {
  return cache.keep(account, since, until);
}

/** Finds a token to go on with, or says why there is none. */
async function replaceToken(
  parts: RefreshParts,
  account: LoadedAccount,
  turn: Turn,
  reason: RefreshReason,
): Promise<LoadedAccount> {
  const { record, tokens } = account;
  const { since } = turn;
  const rejected = reason.rejected && isRejected(account, reason.rejected) ? reason.rejected : undefined;
  const verdict = rejected ? await verdictOn(parts, account, rejected) : "accepted";
  if (verdict === "accepted" && rejected) return keep(parts, account, since);
  // GitLab calls a token revoked that it has rotated, too.
  const lost = tokens.maybeRotated ?? false;
  if (verdict === "revoked") return await giveUp(parts, account, since, lost);
  if (tokens.refresh)
    return await refresh(parts, account, turn, { rejected, inBackground: reason.aheadMs !== undefined });
  if (verdict === "unknown") return await giveUp(parts, account, since, lost);
  const ended = record.expiresAt !== null && record.expiresAt <= parts.context.now();
  if (verdict === "accepted" && !ended) return keep(parts, account, since);
  return await end(parts, record, { status: "EXPIRED", secret: null }, accountExpired(record));
}

/** A bare 401 also comes from routes that refuse the person, not the token: GitLab is asked about the token alone. */
async function verdictOn(
  { context }: RefreshParts,
  { record, tokens, networkSettings }: LoadedAccount,
  { reason }: RejectedToken,
): Promise<Rejection | "accepted"> {
  if (reason !== "unknown") return reason;
  const { verdict } = await whoIs(context, { baseUrl: record.baseUrl ?? "", networkSettings }, tokens.access.reveal());
  if (verdict === "expired" || verdict === "revoked" || verdict === "unknown") return verdict;
  // No response to go by: a token that can be refreshed is, one that cannot is given the benefit of the doubt.
  return verdict === "unclear" && tokens.refresh ? "unknown" : "accepted";
}

async function refresh(
  parts: RefreshParts,
  account: LoadedAccount,
  turn: Turn,
  { rejected, inBackground }: { rejected: RejectedToken | undefined; inBackground: boolean },
): Promise<LoadedAccount> {
  const { context, connections } = parts;
  const { since } = turn;
  const { record, tokens } = account;
  const connection = await connectionOf(record, connections);
  const usable = !rejected && isUsable(record, context.now());
  const asked = context.now();
  let grant: Grant;
  try {
    grant = await requestRefresh(context, connection, tokens, !inBackground && !usable);
  } catch (error) {
    const failure = error instanceof OAuthFailure ? error : undefined;
    if (failure?.reason === "invalid_grant") return await giveUp(parts, account, since, failure.unclear);
    const noted = failure?.unclear ? await noteMaybeRotated(parts, account) : account;
    if (usable) keep(parts, noted, since, usableUntil(record, context.now()));
    const explained = explainOAuthFailure(error, record.connectionName);
    context.emitRefreshFailed(noted.record, explained);
    // Whoever keeps tokens alive in the background wants to know; a call goes on with the token that there is.
    if (usable && !inBackground) return noted;
    throw explained;
  }
  return await save(parts, account, turn, { connection, grant, asked });
}

/** Writes the new pair down, whatever else was written to the row while GitLab was asked. */
async function save(
  parts: RefreshParts,
  { record, tokens, ...way }: LoadedAccount,
  { since, lock }: Turn,
  { connection, grant, asked }: { connection: ResolvedConnection; grant: Grant; asked: number },
): Promise<LoadedAccount> {
  const { context, registry, load } = parts;
  const next = tokensFrom(grant, { ...tokens, clientId: connection.clientId });
  const changes = {
    status: "ACTIVE" as const,
    secret: sealTokens(context.cipher, record, next),
    refreshable: next.refresh !== undefined,
    expiresAt: grant.lifetimeSeconds === undefined ? null : asked + grant.lifetimeSeconds * 1000,
    scopes: grant.scopes ?? record.scopes,
  };
  const saved = (stored: AccountRecord): LoadedAccount => {
    context.emit(stored, "refreshed");
    return keep(parts, { ...way, record: stored, tokens: next }, since);
  };
  let before = record;
  for (;;) {
    const from = before;
    const written = await persist(context, () => registry.change(from, changes, lock));
    if (written) return saved(written);
    const stored = await registry.find(record);
    // The write was made although the database's response to it was lost.
    if (stored?.secret === changes.secret) return saved(stored);
    if (stored?.id !== record.id || (stored.status === "ACTIVE" && !isSamePair(parts, stored, tokens))) {
      // Deleted, or authorized anew, while GitLab was asked: nobody will use what we got.
      const { revokeToken } = await import("./oauth.js");
      await revokeToken(context, connection, next.access.reveal()).catch(() => undefined);
      return await load(record);
    }
    before = stored;
  }
}

/** Whether the row still has this pair: as it was, or noted as maybe rotated by somebody who asked before us. */
function isSamePair({ context }: RefreshParts, stored: AccountRecord, { refresh: token }: Tokens): boolean {
  if (stored.secret === null) return false;
  return openTokens(context.cipher, stored, stored.secret).refresh?.reveal() === token?.reveal();
}

/** Notes that GitLab may have rotated the pair: whoever hears next that it is invalid shall not take it for revoked. */
async function noteMaybeRotated({ context, registry }: RefreshParts, account: LoadedAccount): Promise<LoadedAccount> {
  if (account.tokens.maybeRotated || !account.tokens.refresh) return account;
  const tokens = { ...account.tokens, maybeRotated: true };
  const secret = sealTokens(context.cipher, account.record, tokens);
  const record = await registry.change(account.record, { secret }).catch(() => undefined);
  return { ...account, tokens, ...(record && { record }) };
}

/**
 * The account's pair is dead, unless somebody has just replaced it: the store is read again, and once more after a
 * moment, before that is believed.
 *
 * @param lost GitLab may have rotated the pair without our hearing of it: nobody has revoked anything
 */
async function giveUp(
  parts: RefreshParts,
  { record }: LoadedAccount,
  since: number,
  lost: boolean,
): Promise<LoadedAccount> {
  for (const wait of [0, graceMs]) {
    if (wait > 0) await parts.context.sleep(wait);
    const stored = await parts.load(record);
    if (stored.record.secret !== record.secret) return keep(parts, stored, since);
  }
  const status = lost ? "EXPIRED" : "REVOKED";
  return await end(
    parts,
    record,
    { status, secret: null, refreshable: false },
    lost ? refreshLost(record) : accountRevoked(record),
  );
}

/** Ends the account, unless somebody has changed it since it was read. */
async function end(
  { registry, cache, load }: RefreshParts,
  record: AccountRecord,
  changes: Omit<AccountChanges, "updatedAt">,
  error: GitLabToolError,
): Promise<LoadedAccount> {
  const changed = await registry.change(record, changes);
  if (!changed) return await load(record);
  cache.drop(record);
  throw error;
}
