import { createHash } from "node:crypto";

/** Claims by the token whose signature they were verified with. */
export interface VerifiedClaims<Claims> {
  get(token: string): Claims | undefined;
  set(token: string, claims: Claims): void;
}

/** An agent makes its calls one after the other: the sessions of a few hours fit in. */
const most = 1_000;

/**
 * Remembers whose signature is right: an agent sends the same token with every request, and to verify it costs more than
 * all else about who it is. Only what never changes of a token is remembered; whether it has expired, is for this
 * audience, or was revoked has to be asked each time. Tokens themselves are not kept, but their SHA-256, and claims as
 * JSON, so that nobody who is handed them can change those of the next request.
 */
export function createVerifiedClaims<Claims>(): VerifiedClaims<Claims> {
  const known = new Map<string, string>();
  const keyOf = (token: string): string => createHash("sha256").update(token).digest("base64");
  return {
    get(token) {
      const claims = known.get(keyOf(token));
      return claims === undefined ? undefined : (JSON.parse(claims) as Claims);
    },
    set(token, claims) {
      const [oldest] = known.keys();
      if (oldest !== undefined && known.size >= most) known.delete(oldest);
      known.set(keyOf(token), JSON.stringify(claims));
    },
  };
}
