import { randomUUID } from "node:crypto";
import type * as Jose from "jose";
import type { JWTPayload } from "jose";
import { explained } from "../accounts/account-errors.js";
import { derivedKey } from "../accounts/derived-key.js";
import type { AccountKey } from "../accounts/types.js";
import type { Selection } from "../tools/selection.js";
import type { Policy } from "../policy/policy.js";
import type { AccountStore } from "../stores/account-store.js";
import { lifetimeSeconds, longestLifetime } from "./lifetime.js";
import { createKeyCheck } from "./minting-key.js";
import { createRevocations } from "./revocations.js";
import { createVerifiedClaims } from "./verified-claims.js";

/** What a session is for. */
export interface SessionOptions extends AccountKey {
  /** The tools that the session may use. Default: all. */
  readonly select?: Selection;
  /** What the session's calls may do and reach. The client's own policy holds as well. */
  readonly policy?: Policy;
  /** Seconds, or a number with a unit: `"30m"`, `"8h"`, `"7d"`. At most 30 days. Default: an hour. */
  readonly expiresIn?: number | string | undefined;
  /** What the session is for, such as the URL of a server. Who verifies it has to ask for the same. Default: MCP. */
  readonly audience?: string;
  /**
   * Which conversation the session belongs to: what the agent was shown in one session of it, the others know. Default:
   * the session is one by itself.
   */
  readonly conversation?: string;
}

/** A bearer token for one person's agent, and how to speak of it without showing it. */
export interface MintedSession {
  readonly token: string;
  readonly sessionId: string;
  /** ISO 8601. */
  readonly expiresAt: string;
}

/** What a valid session token says. */
export interface Session extends AccountKey {
  readonly sessionId: string;
  readonly select?: Selection;
  readonly policy?: Policy;
  readonly conversation?: string;
  /** As given when it was minted; absent for the default. */
  readonly audience?: string;
  /** ISO 8601. */
  readonly expiresAt: string;
}

/** Sessions: signed, expiring and revocable, from any number of processes on one store. */
export interface Sessions {
  /** @param mintedBy row of the gateway's key that mints it: the session ends with that key */
  create(options: SessionOptions, mintedBy?: string): Promise<MintedSession>;
  /** `undefined` for a token that is forged, expired, revoked, or for another audience. */
  verify(token: string, options?: { readonly audience?: string }): Promise<Session | undefined>;
  /** Ends one session, also one whose token is not at hand. */
  revoke(session: AccountKey & { readonly sessionId: string }): Promise<void>;
  /** Ends all sessions of a person. */
  revokeAll(account: AccountKey): Promise<void>;
  /** Sessions of a person that were ended before their time, and until when that is remembered. */
  revoked(account: AccountKey): Promise<Readonly<Record<string, number>> | undefined>;
  /** Ends all sessions of a person, and forgets that there were any. `false` where there were none. */
  forget(account: AccountKey): Promise<boolean>;
  /** Keeps a person's generation of sessions through a change of keys. */
  reseal(account: AccountKey): Promise<void>;
}

interface SessionsContext {
  readonly store: AccountStore;
  /** The current encryption key, then earlier ones, in base64. */
  readonly keys: readonly string[];
  readonly now: () => number;
  /** Opens the store. */
  readonly ready: () => Promise<void>;
}

const issuer = "gitlab-agent-tools";
const defaultAudience = "gitlab-agent-tools/mcp";
/** From this version of sessions on, the row of revocations has to be authentic. */
const version = 2;

/**
 * Sessions as JSON Web Tokens (RFC 7519, HS256). A token carries all but its revocation, which is kept per person in
 * the store: minting many writes nothing more, and every replica sees a revocation with the next request.
 */
export function createSessions({ store, keys, now, ready }: SessionsContext): Sessions {
  const ring = keys.map((key) => derivedKey(key, "session v1"));
  const rowKeys = keys.map((key) => derivedKey(key, "session row v2"));
  const revocations = createRevocations(store, now, () => rowKeys);
  const isKeyGood = createKeyCheck(store, keys, now);
  const verified = createVerifiedClaims<SignedClaims>();
  let loading: Promise<typeof Jose> | undefined;
  const jose = (): Promise<typeof Jose> => (loading ??= import("jose"));

  /** Opens the store first, and lets nothing but our own error out. */
  async function use<Result>(work: () => Promise<Result>): Promise<Result> {
    await ready();
    try {
      return await work();
    } catch (error) {
      throw explained(error);
    }
  }

  async function create(
    {
      connectionName,
      identifier,
      select,
      policy,
      expiresIn = 3600,
      audience = defaultAudience,
      conversation,
    }: SessionOptions,
    mintedBy?: string,
  ): Promise<MintedSession> {
    const { SignJWT } = await jose();
    const [current] = ring;
    if (!current) throw new TypeError("Sessions need a key.");
    const issued = Math.floor(now() / 1000);
    const end = issued + lifetimeSeconds(expiresIn);
    const sessionId = randomUUID();
    const generation = await revocations.generation({ connectionName, identifier });
    const token = await new SignJWT({
      connection: connectionName,
      generation,
      select,
      policy,
      conversation,
      key: mintedBy,
      v: version,
    })
      .setProtectedHeader({ alg: "HS256", typ: "JWT" })
      .setIssuer(issuer)
      .setAudience(audience)
      .setSubject(identifier)
      .setJti(sessionId)
      .setIssuedAt(issued)
      .setExpirationTime(end)
      .sign(current);
    return { token, sessionId, expiresAt: new Date(end * 1000).toISOString() };
  }

  /** What a token says that one of our keys has signed, whoever it is for; `undefined` for any other, or an expired one. */
  async function claimsOf(token: string): Promise<SignedClaims | undefined> {
    const known = verified.get(token);
    if (known) return known.exp > Math.floor(now() / 1000) ? known : undefined;
    const { jwtVerify, errors } = await jose();
    for (const key of ring) {
      try {
        const rules = { algorithms: ["HS256"], issuer, requiredClaims: ["exp"], currentDate: new Date(now()) };
        const { payload } = await jwtVerify<Claims>(token, key, rules);
        const claims = { ...payload, exp: payload.exp ?? 0 };
        verified.set(token, claims);
        return claims;
      } catch (error) {
        // Signed with another key of ours, perhaps.
        if (error instanceof errors.JWSSignatureVerificationFailed) continue;
        if (error instanceof errors.JOSEError) return undefined;
        throw error;
      }
    }
    return undefined;
  }

  async function verify(
    token: string,
    { audience }: { readonly audience?: string } = {},
  ): Promise<Session | undefined> {
    const claims = await claimsOf(token);
    if (!claims || claims.aud !== (audience ?? defaultAudience)) return undefined;
    const { sub = "", jti = "", exp, connection, generation, select, policy, conversation, key, v = 1 } = claims;
    const account = { connectionName: connection, identifier: sub };
    const [isRevoked, isMinterGood] = await Promise.all([
      revocations.isRevoked(account, { sessionId: jti, generation, sealed: v >= version }),
      key === undefined || isKeyGood(key),
    ]);
    if (isRevoked || !isMinterGood) return undefined;
    const expiresAt = new Date(exp * 1000).toISOString();
    return {
      ...account,
      sessionId: jti,
      expiresAt,
      ...(select && { select }),
      ...(policy && { policy }),
      ...(conversation !== undefined && { conversation }),
      ...(audience !== undefined && { audience }),
    };
  }

  return {
    create: (options, mintedBy) => use(() => create(options, mintedBy)),
    verify: (token, options) => use(() => verify(token, options)),
    revoke: ({ sessionId, ...account }) =>
      use(() => revocations.revoke(account, sessionId, now() + longestLifetime * 1000)),
    revoked: (account) => use(() => revocations.revoked(account)),
    forget: (account) => use(() => revocations.forget(account)),
    revokeAll: (account) => use(() => revocations.revokeAll(account)),
    reseal: (account) => use(() => revocations.reseal(account)),
  };
}

/** What we sign, beyond the registered claims: only our own signature makes this true. */
interface Claims {
  readonly connection: string;
  readonly generation: string;
  readonly select?: Selection;
  readonly policy?: Policy;
  readonly conversation?: string;
  /** The row of the gateway's key that has minted it; absent where none has. */
  readonly key?: string;
  /** Absent in sessions of version 0.1. */
  readonly v?: number;
}

type SignedClaims = Claims & JWTPayload & { readonly exp: number };
