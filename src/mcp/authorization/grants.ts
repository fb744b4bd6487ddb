import { randomUUID, timingSafeEqual } from "node:crypto";
import type { AccountKey } from "../../accounts/types.js";
import type { Selection } from "../../tools/select.js";
import type { GitLab } from "../../gitlab-types.js";
import { hashOf, newSecret, type SealedRows } from "../../web/sealed-rows.js";
import { grantable, widest, type ToolScope } from "./scopes.js";

/** What a person has allowed a client. */
export interface ClientConsent {
  readonly clientId: string;
  readonly account: AccountKey;
  readonly scopes: readonly ToolScope[];
}

/** A family of refresh tokens: one at a time is good, and who has an earlier one is not the client. */
export interface GrantRow extends ClientConsent {
  /** Hash of the refresh token that is good now. */
  readonly refresh: string;
  /** The person's generation of sessions: when all of them are revoked, so is the family. */
  readonly generation: string;
  /** Access tokens that still live: all of them end with the family. */
  readonly sessions: readonly LivingSession[];
}

interface LivingSession {
  readonly sessionId: string;
  /** Milliseconds since 1970. */
  readonly until: number;
}

/** A code that the client exchanges. Used up, it remembers what came of it: whoever brings it again has stolen it. */
export interface CodeRow extends ClientConsent {
  readonly redirectUri: string;
  readonly challenge: string;
  readonly family?: string;
}

/** The answer of a token endpoint (RFC 6749, section 5.1). */
export interface TokenResponse {
  readonly access_token: string;
  readonly token_type: "Bearer";
  readonly expires_in: number;
  readonly refresh_token: string;
  readonly scope: string;
}

export interface GrantsOptions {
  readonly gitlab: GitLab;
  readonly grants: SealedRows<GrantRow>;
  readonly resource: string;
  /** Of an access token. */
  readonly lifetimeSeconds: number;
  /** The clock, in milliseconds since 1970. */
  readonly now: () => number;
}

export interface Grants {
  begin(family: string, allowed: ClientConsent): Promise<TokenResponse>;
  /** `undefined` for a token that is not good, or no longer: then nothing of its family is. */
  refresh(token: string, clientId: string, requestedScope: string | null): Promise<TokenResponse | undefined>;
  /** Ends a family with its access tokens. */
  end(family: string): Promise<void>;
  /** The family of a refresh token of that client's. */
  familyOf(token: string, clientId: string): Promise<string | undefined>;
}

/** A family ends when it is not used for so long. */
const idleMs = 30 * 86_400_000;
/** Access tokens of a family that are good at once: a client has use for the last one. */
const mostSessions = 5;

export function createGrants({ gitlab, grants, resource, lifetimeSeconds, now }: GrantsOptions): Grants {
  async function mint(family: string, { account, scopes }: ClientConsent) {
    const select: Selection = { access: widest(scopes) };
    const minted = await gitlab.createSession({
      ...{ ...account, select, audience: resource, expiresIn: lifetimeSeconds },
      // A new token forgets nothing of what the agent was shown.
      conversation: hashOf(family),
    });
    const { decodeJwt } = await import("jose");
    const { generation } = decodeJwt<{ generation: string }>(minted.token);
    const session: LivingSession = { sessionId: minted.sessionId, until: Date.parse(minted.expiresAt) };
    return { token: minted.token, session, generation };
  }

  async function revokeSessions({ account, sessions }: Pick<GrantRow, "account" | "sessions">): Promise<void> {
    for (const { sessionId, until } of sessions)
      if (until > now()) await gitlab.revokeSession({ ...account, sessionId });
  }

  async function end(family: string): Promise<void> {
    const row = await grants.take(family);
    if (row) await revokeSessions(row);
  }

  const tokenResponse = (token: string, refresh: string, scopes: readonly ToolScope[]): TokenResponse => ({
    access_token: token,
    token_type: "Bearer",
    expires_in: lifetimeSeconds,
    refresh_token: refresh,
    scope: scopes.join(" "),
  });

  const partsOf = (token: string): { family: string; secret: string } => {
    const [family = "", secret = ""] = token.split(".", 2);
    return { family, secret };
  };

  return {
    async begin(family, allowed) {
      const secret = newSecret();
      const { token, session, generation } = await mint(family, allowed);
      await grants.add(family, { ...allowed, refresh: hashOf(secret), generation, sessions: [session] }, idleMs);
      return tokenResponse(token, `${family}.${secret}`, allowed.scopes);
    },

    async refresh(token, clientId, requestedScope) {
      const { family, secret } = partsOf(token);
      const found = await grants.get(family);
      if (!found || found.value.clientId !== clientId) return undefined;
      const { value } = found;
      if (!same(hashOf(secret), value.refresh)) {
        await end(family);
        return undefined;
      }
      // Narrower for this token; the family keeps what the person has allowed (RFC 6749, section 6).
      const scopes = grantable(requestedScope, value.scopes);
      if (!scopes) return undefined;
      const next = newSecret();
      const minted = await mint(family, { ...value, scopes });
      const living = [minted.session, ...value.sessions.filter(({ until }) => until > now())];
      const sessions = living.slice(0, mostSessions);
      const revoked = minted.generation !== value.generation;
      if (revoked || !(await grants.replace(family, found, { ...value, refresh: hashOf(next), sessions }, idleMs))) {
        // All sessions of the person have been ended; or somebody was quicker with the same token, and one of the two is
        // not the client.
        await revokeSessions({ account: value.account, sessions: [minted.session] });
        await end(family);
        return undefined;
      }
      // What the family does not know of would outlive it.
      await revokeSessions({ account: value.account, sessions: living.slice(mostSessions) });
      return tokenResponse(minted.token, `${family}.${next}`, scopes);
    },

    end,

    async familyOf(token, clientId) {
      const { family, secret } = partsOf(token);
      const found = await grants.get(family);
      const known = found?.value.clientId === clientId && same(hashOf(secret), found.value.refresh);
      return known ? family : undefined;
    },
  };
}

export const newFamily = (): string => randomUUID();

function same(one: string, other: string): boolean {
  const [a, b] = [Buffer.from(one), Buffer.from(other)];
  return a.length === b.length && timingSafeEqual(a, b);
}
