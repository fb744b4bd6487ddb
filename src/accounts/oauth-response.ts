import type { TokenEndpointResponse } from "oauth4webapi";
import { OAuthFailure } from "./oauth-failure.js";

/** What a token endpoint grants: https://datatracker.ietf.org/doc/html/rfc6749#section-5.1 */
export interface Grant {
  readonly accessToken: string;
  readonly refreshToken?: string;
  readonly lifetimeSeconds?: number;
  readonly scopes?: readonly string[];
}

const longestWords = 200;
/** Ten years: whatever ends later does not end in this program's life. */
const longestLifetimeSeconds = 315_360_000;
/** Parameters of our requests that nobody else may see. */
const secretParameters = ["client_secret", "refresh_token", "code", "code_verifier", "device_code", "token"];

/** Whole seconds within reason; `undefined` for what is no duration. */
export function secondsOf(value: unknown): number | undefined {
  const seconds = typeof value === "string" && value.trim() !== "" ? Number(value) : value;
  if (typeof seconds !== "number" || Number.isNaN(seconds) || seconds < 0) return undefined;
  return Math.min(Math.floor(seconds), longestLifetimeSeconds);
}

/**
 * The response without what must not cost us a pair that GitLab has already rotated: an ID token that nobody asked about
 * and that may fail its checks, a lifetime that is none.
 */
export function lenient(body: Uint8Array): Uint8Array<ArrayBuffer> | string {
  let parsed: unknown;
  try {
    parsed = JSON.parse(new TextDecoder().decode(body));
  } catch {
    return new Uint8Array(body);
  }
  if (typeof parsed !== "object" || parsed === null || !("access_token" in parsed)) return new Uint8Array(body);
  const kept = new Map<string, unknown>(Object.entries(parsed));
  kept.delete("id_token");
  kept.set("expires_in", secondsOf(kept.get("expires_in")));
  for (const name of ["refresh_token", "scope"]) if (kept.get(name) === null) kept.delete(name);
  return JSON.stringify(Object.fromEntries(kept));
}

/** The grant of a response. A token that does not fit in a header is none: nothing could be sent with it. */
export function grantOf(response: TokenEndpointResponse): Grant {
  const { access_token: accessToken, refresh_token: refreshToken, expires_in: lifetimeSeconds, scope } = response;
  for (const token of [accessToken, refreshToken ?? accessToken]) {
    if (!/^[\x21-\x7e]+$/.test(token)) {
      throw new OAuthFailure("it sent a token with characters that no token has", { unclear: true });
    }
  }
  return {
    accessToken,
    ...(refreshToken !== undefined && { refreshToken }),
    ...(lifetimeSeconds !== undefined && { lifetimeSeconds }),
    ...(scope !== undefined && { scopes: scope.split(" ").filter(Boolean) }),
  };
}

/** Secrets of a request, as a response might repeat them. */
export function secretsOf(request: URLSearchParams): string[] {
  const values = secretParameters.flatMap((name) => request.getAll(name)).filter((value) => value !== "");
  return values.flatMap((value) => [value, encodeURIComponent(value)]);
}

/** A stranger's words as they may be shown: one short line, without our own secrets. */
export function wordsOf(text: string, secrets: readonly string[] = []): string {
  const hidden = secrets.reduce((rest, secret) => rest.replaceAll(secret, "[hidden]"), text);
  const line = hidden.replace(/[\p{Cc}\p{Cf}\s]+/gu, " ").trim();
  return (line.length > longestWords ? `${line.slice(0, longestWords)}…` : line).toWellFormed();
}

/** An error's code: a word, or not worth repeating. */
export function codeOf(error: string, secrets: readonly string[] = []): string {
  return /^[\w.:-]{1,64}$/.test(error) && !secrets.includes(error) ? error : "unknown_error";
}
