import type { AccountRecord } from "../stores/account-store.js";
import { AccountCache, type Held } from "./account-cache.js";
import { accountNotConnected, accountNotFound, accountRevoked, renewalLost } from "./account-errors.js";
import type { ConnectionDirectory } from "./connections.js";
import type { AccountsContext } from "./context.js";
import { whoIs } from "./gitlab-token.js";
import { checkKey, keyText } from "./keys.js";
import { explainOAuthFailure, OAuthFailure } from "./oauth-failure.js";
import { revokeToken } from "./oauth.js";
import { connectionOf, persist, renew, tokensFrom } from "./refresh.js";
import type { AccountRegistry } from "./registry.js";
import { openTokens, sealTokens, type Tokens } from "./tokens.js";
import type { AccountKey, Credentials } from "./types.js";

/** A token that GitLab answered 401 to, and what it said about it. */
export interface RejectedToken {
  readonly token: string;
  readonly reason: "expired" | "revoked" | "unknown";
}

export interface CredentialsOptions {
  readonly signal?: AbortSignal;
  /** Set after a 401: never answered with the same token, unless GitLab still accepts it elsewhere. */
  readonly rejected?: RejectedToken;
}

export interface CredentialsSource {
  get(key: AccountKey, options?: CredentialsOptions): Promise<Credentials>;
  /** Renews the account's token when it ends within `aheadMs`. One attempt: nobody waits for it. */
  renewAhead(key: AccountKey, aheadMs: number): Promise<void>;
  /** Forgets what is held in memory, of one account or of a whole connection. */
  forget(key: AccountKey): void;
  forgetConnection(connectionName: string): void;
  /** Ends when no refresh is under way. */
  settled(): Promise<void>;
}

/** What a flight is for: any token that works, one other than the rejected, or one that works for longer. */
interface Want {
  readonly rejected?: RejectedToken;
  readonly aheadMs?: number;
}

/** How long another process may take from GitLab's answer to its own write before we believe a refusal. */
const graceMs = 400;
/** After a failed refresh ahead of time, how long the present token is used before the next try. */
const pauseMs = 30_000;
/** A token with less left to live than this is as good as expired. */
const leastMs = 10_000;

export function createCredentials(
  context: AccountsContext,
  connections: ConnectionDirectory,
  registry: AccountRegistry,
): CredentialsSource {
  const { cipher, now, refreshSkewMs } = context;
  const cache = new AccountCache(context.accountCacheMs, now);
  const flights = new Map<string, Promise<Held>>();
  /** Renewals under way that the first calls may not have waited for. */
  const late = new Set<Promise<Held>>();

  /** How long before its end a token is renewed. A token that lives shorter than that is renewed at half its life. */
  function skewOf({ lifetimeSeconds }: Tokens): number {
    const lifetime = (lifetimeSeconds ?? Infinity) * 1000;
    return lifetime <= refreshSkewMs ? lifetime / 2 : refreshSkewMs;
  }

  function freshUntil({ record, tokens }: Held): number {
    if (record.expiresAt === null) return Infinity;
    return record.refreshable ? record.expiresAt - skewOf(tokens) : record.expiresAt;
  }

  async function read(key: AccountKey): Promise<Held> {
    const record = await registry.find(key);
    if (!record || record.status !== "ACTIVE") cache.drop(key);
    if (!record) throw accountNotFound(key);
    if (record.status === "REVOKED") throw accountRevoked(key);
    if (record.status === "EXPIRED") throw expired(record);
    if (record.status === "PENDING" || record.secret === null) {
      throw accountNotConnected(key, "nobody has authorized it yet", { status: "PENDING" });
    }
    const { instance } = await connectionOf(record, connections);
    const tokens = cache.same(record)?.held.tokens ?? openTokens(cipher, record, record.secret);
    return { record, tokens, instance };
  }

  function expired(record: AccountRecord): Error {
    const at = record.expiresAt === null ? "" : ` at ${new Date(record.expiresAt).toISOString()}`;
    return accountNotConnected(record, `its token ended${at} and cannot be renewed`, { status: "EXPIRED" });
  }

  const keep = (held: Held, since: number, until = freshUntil(held)): Held => cache.keep(held, since, until);

  const isRefused = ({ tokens }: Held, rejected?: RejectedToken): boolean => tokens.access.reveal() === rejected?.token;

  async function obtain(key: AccountKey, want: Want): Promise<Held> {
    const { rejected, aheadMs = 0 } = want;
    const before = cache.epoch;
    const held = await read(key);
    const known = cache.same(held.record);
    // Also when its renewal has just failed: the next try comes when the pause is over.
    if (known && now() < known.until && aheadMs === 0 && !isRefused(held, rejected)) {
      return keep(held, before, known.until);
    }
    const done = (candidate: Held): boolean =>
      !isRefused(candidate, rejected) && now() + aheadMs < freshUntil(candidate);
    if (done(held)) return keep(held, before);
    const renewed = registry.exclusively(held.record, async () => {
      // Whoever held the lock before us may have done the work.
      const since = cache.epoch;
      const current = await read(key);
      return done(current) ? keep(current, since) : await replace(current, since, want);
    });
    if (want.aheadMs !== undefined || isRefused(held, rejected) || !isUsable(held.record)) return await renewed;
    return (await soon(renewed)) ?? keep(held, before, pauseFor(held.record));
  }

  /** Whether a call may still go out with the present token. */
  const isUsable = ({ expiresAt }: AccountRecord): boolean => expiresAt !== null && expiresAt - now() > leastMs;

  /** Until when the present token is used in place of a new one that is not to be had just now. */
  const pauseFor = ({ expiresAt }: AccountRecord): number =>
    Math.min(now() + pauseMs, (expiresAt ?? Infinity) - leastMs);

  /** `undefined` when it takes long: then it goes on by itself, and those who have a token that works do without. */
  async function soon(renewed: Promise<Held>): Promise<Held | undefined> {
    late.add(renewed);
    renewed.catch(() => undefined).finally(() => late.delete(renewed));
    let timer: NodeJS.Timeout | undefined;
    const tooLate = new Promise<undefined>((resolve) => {
      timer = setTimeout(() => resolve(undefined), context.requestTimeoutMs / 3);
    });
    try {
      return await Promise.race([renewed, tooLate]);
    } finally {
      clearTimeout(timer);
    }
  }

  /** Under the lock: finds a token to go on with, or says why there is none. */
  async function replace(current: Held, since: number, want: Want): Promise<Held> {
    const { rejected } = want;
    const refused = isRefused(current, rejected);
    const verdict = refused && rejected ? await verdictOn(current, rejected) : "accepted";
    // GitLab calls a token revoked that it has rotated, too.
    const lost = current.tokens.inDoubt ?? false;
    if (verdict === "accepted" && refused) return keep(current, since);
    if (verdict === "revoked") return await giveUp(current, since, lost);
    if (current.tokens.refresh) return await refresh(current, since, refused, want.aheadMs === undefined);
    if (verdict === "unknown") return await giveUp(current, since, lost);
    const lapsed = current.record.expiresAt !== null && current.record.expiresAt <= now();
    if (verdict === "accepted" && !lapsed) return keep(current, since);
    const changed = await registry.change(current.record, { status: "EXPIRED", secret: null });
    if (!changed) return await read(current.record);
    cache.drop(current.record);
    throw expired(current.record);
  }

  /** A bare 401 also comes from routes that refuse the person, not the token: GitLab is asked about the token alone. */
  async function verdictOn(
    { record, tokens }: Held,
    { reason }: RejectedToken,
  ): Promise<RejectedToken["reason"] | "accepted"> {
    if (reason !== "unknown") return reason;
    const { verdict } = await whoIs(context, record.baseUrl ?? "", tokens.access.reveal());
    if (verdict === "expired" || verdict === "revoked" || verdict === "unknown") return verdict;
    // No answer to go by: a token that can be renewed is, one that cannot is given the benefit of the doubt.
    return verdict === "unclear" && tokens.refresh ? "unknown" : "accepted";
  }

  async function refresh(current: Held, since: number, refused: boolean, patient: boolean): Promise<Held> {
    const { record, tokens } = current;
    const connection = await connectionOf(record, connections);
    const usable = !refused && isUsable(record);
    const asked = now();
    let grant;
    try {
      grant = await renew(context, connection, tokens, patient && !usable);
    } catch (error) {
      const failure = error instanceof OAuthFailure ? error : undefined;
      if (failure?.reason === "invalid_grant") return await giveUp(current, since, failure.unclear);
      const left = failure?.unclear ? await doubt(current) : current;
      if (usable) keep(left, since, pauseFor(record));
      // Whoever keeps tokens alive in the background wants to know; a call goes on with the token that there is.
      if (usable && patient) return left;
      throw explainOAuthFailure(error, record.connectionName);
    }
    const next = tokensFrom(grant, { ...tokens, clientId: connection.clientId });
    const changes = {
      status: "ACTIVE" as const,
      secret: sealTokens(cipher, record, next),
      refreshable: next.refresh !== undefined,
      expiresAt: grant.lifetimeSeconds === undefined ? null : asked + grant.lifetimeSeconds * 1000,
      scopes: grant.scopes ?? record.scopes,
    };
    let before = record;
    for (;;) {
      const from = before;
      const written = await persist(context, () => registry.change(from, changes));
      if (written) return keep({ record: written, tokens: next, instance: current.instance }, since);
      const stored = await registry.find(record);
      // The write was made although its answer was lost on the way.
      if (stored?.secret === changes.secret) {
        return keep({ record: stored, tokens: next, instance: current.instance }, since);
      }
      if (stored?.id !== record.id || (stored.status === "ACTIVE" && !isSamePair(stored, tokens))) {
        // Deleted, or authorized anew, while GitLab answered: nobody will use what we got.
        await revokeToken(context, connection, next.access.reveal()).catch(() => undefined);
        return await read(record);
      }
      before = stored;
    }
  }

  /** Whether the row still has this pair: as it was, or noted to be in doubt by somebody who asked before us. */
  function isSamePair(stored: AccountRecord, { refresh }: Tokens): boolean {
    return stored.secret !== null && openTokens(cipher, stored, stored.secret).refresh?.reveal() === refresh?.reveal();
  }

  /** Notes that GitLab may have rotated the pair: whoever hears next that it is invalid shall not take it for revoked. */
  async function doubt(current: Held): Promise<Held> {
    if (current.tokens.inDoubt) return current;
    const tokens = { ...current.tokens, inDoubt: true };
    const secret = sealTokens(cipher, current.record, tokens);
    const record = await registry.change(current.record, { secret }).catch(() => undefined);
    return record ? { ...current, record, tokens } : current;
  }

  /**
   * The account's pair is dead, unless somebody has just replaced it: the store is read again, and once more after a
   * moment, before that is believed.
   *
   * @param lost GitLab may have rotated the pair without our hearing of it: nobody has revoked anything
   */
  async function giveUp(current: Held, since: number, lost: boolean): Promise<Held> {
    const { record } = current;
    for (const wait of [0, graceMs]) {
      if (wait > 0) await context.sleep(wait);
      const stored = await read(record);
      if (stored.record.secret !== record.secret) return keep(stored, since);
    }
    const status = lost ? "EXPIRED" : "REVOKED";
    const changed = await registry.change(record, { status, secret: null, refreshable: false });
    if (!changed) return await read(record);
    cache.drop(record);
    throw lost ? renewalLost(record) : accountRevoked(record);
  }

  function share(name: string, work: () => Promise<Held>): Promise<Held> {
    const running = flights.get(name);
    if (running) return running;
    const flight = work().finally(() => flights.delete(name));
    flights.set(name, flight);
    return flight;
  }

  return {
    async get(key, { signal, rejected } = {}) {
      const checked = checkKey(key);
      const text = keyText(checked);
      const held = cache.fresh(checked);
      if (held && !isRefused(held, rejected)) return show(held);
      const name = rejected ? JSON.stringify([text, rejected.token]) : text;
      return show(
        await unlessAborted(
          share(name, () => obtain(checked, { rejected })),
          signal,
        ),
      );
    },

    async renewAhead(key, aheadMs) {
      await share(`ahead ${keyText(key)}`, () => obtain(key, { aheadMs }));
    },

    forget: (key) => cache.forget(key),
    forgetConnection: (connectionName) => cache.forgetConnection(connectionName),

    async settled() {
      while (flights.size + late.size > 0) await Promise.allSettled([...flights.values(), ...late]);
    },
  };
}

function show({ record, tokens, instance }: Held): Credentials {
  return {
    baseUrl: record.baseUrl ?? "",
    instance,
    token: tokens.access.reveal(),
    scopes: record.scopes,
    ...(tokens.pasted && { connectedWith: "token" as const }),
  };
}

/** One caller giving up does not stop what others wait for. */
async function unlessAborted<Result>(work: Promise<Result>, signal?: AbortSignal): Promise<Result> {
  if (!signal) return await work;
  let stop = (): void => {};
  const aborted = new Promise<never>((_, reject) => {
    stop = () => reject(signal.reason instanceof Error ? signal.reason : new DOMException("Aborted", "AbortError"));
    if (signal.aborted) stop();
    else signal.addEventListener("abort", stop, { once: true });
  });
  try {
    return await Promise.race([work, aborted]);
  } finally {
    signal.removeEventListener("abort", stop);
    work.catch(() => undefined);
  }
}
