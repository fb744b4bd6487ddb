import { giveUp, expire } from "./end-account.js";
import type { AccountsContext } from "./context.js";
import { dueAt, isUsable, usableUntil, type LoadedAccount } from "./due.js";
import { whoIs } from "./gitlab-token.js";
import { explainOAuthFailure, OAuthFailure } from "./oauth-failure.js";
import type { Grant } from "./oauth-response.js";
import { connectionOf, requestRefresh } from "./refresh-grant.js";
import { keep, type RefreshParts, type Turn } from "./refresh-parts.js";
import type { RejectedToken, Rejection } from "./rejected-token.js";
import { saveRefreshed } from "./save-refreshed.js";
import { sealTokens } from "./tokens.js";

/** Why another token is needed: the present one is due, has been rejected, or does not live long enough. */
export interface RefreshReason {
  readonly rejected?: RejectedToken | undefined;
  readonly aheadMs?: number | undefined;
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
  return await expire(parts, record);
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
  return await saveRefreshed(parts, account, turn, { connection, grant, asked });
}

/** Notes that GitLab may have rotated the pair: whoever hears next that it is invalid shall not take it for revoked. */
async function noteMaybeRotated({ context, registry }: RefreshParts, account: LoadedAccount): Promise<LoadedAccount> {
  if (account.tokens.maybeRotated || !account.tokens.refresh) return account;
  const tokens = { ...account.tokens, maybeRotated: true };
  const secret = sealTokens(context.cipher, account.record, tokens);
  const record = await registry.change(account.record, { secret }).catch(() => undefined);
  return { ...account, tokens, ...(record && { record }) };
}
