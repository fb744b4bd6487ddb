import type { AccountRecord } from "../stores/account-store.js";
import type { NetworkSettings } from "../http/transport.js";
import type { Secret } from "./secret.js";
import type { Tokens } from "./tokens.js";

/** An account with its tokens in the clear. */
export interface LoadedAccount {
  readonly record: AccountRecord;
  readonly tokens: Tokens;
  readonly instance: "gitlab.com" | "self-managed";
  readonly networkSettings?: Secret<NetworkSettings>;
}

/** A token with less left to live than this is as good as expired. */
const leastMs = 10_000;
/** After a failed refresh ahead of time, how long the present token is used before the next try. */
const pauseMs = 30_000;

/** From when on a token is refreshed. One that lives shorter than the skew is refreshed at half its life. */
export function dueAt({ record, tokens }: LoadedAccount, skewMs: number): number {
  if (record.expiresAt === null) return Infinity;
  if (!record.refreshable) return record.expiresAt;
  const lifetimeMs = (tokens.lifetimeSeconds ?? Infinity) * 1000;
  return record.expiresAt - (lifetimeMs <= skewMs ? lifetimeMs / 2 : skewMs);
}

/** Whether a call may still go out with a token that is due. */
export function isUsable({ expiresAt }: AccountRecord, now: number): boolean {
  return expiresAt !== null && expiresAt - now > leastMs;
}

/** Until when a token that is due is used in place of one that is not to be had just now. */
export function usableUntil({ expiresAt }: AccountRecord, now: number): number {
  return Math.min(now + pauseMs, (expiresAt ?? Infinity) - leastMs);
}

/** ACTIVE as stored, but its token has ended and cannot be refreshed. */
export function hasExpired({ status, refreshable, expiresAt }: AccountRecord, now: number): boolean {
  return status === "ACTIVE" && !refreshable && expiresAt !== null && expiresAt <= now;
}

/** How far ahead a background refresher looks, so that no call finds a due token before its next pass. */
export function aheadOf(skewMs: number, intervalSeconds: number): number {
  return skewMs + 2 * intervalSeconds * 1000;
}
