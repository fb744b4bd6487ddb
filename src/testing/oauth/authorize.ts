import type { UserRecord } from "../state/records.js";
import type { Authority } from "./authority.js";
import type { ApplicationRecord } from "./records.js";

/** What a user does on the page that asks for consent. */
export interface Consent {
  readonly user: UserRecord;
  readonly deny?: boolean;
  /** Grants fewer scopes than asked for. */
  readonly scopes?: readonly string[];
}

/** Shown to the user instead of sending them back: nobody may be sent to an address that is not registered. */
export class AuthorizationPageError extends Error {
  override readonly name = "AuthorizationPageError";
}

/**
 * RFC 6749, section 4.1: checks an authorization request and gives the address that the browser is sent to.
 *
 * @throws AuthorizationPageError when client or redirect URI are not known
 */
export function authorize(authority: Authority, link: URL, consent: Consent): string {
  const query = link.searchParams;
  const { application, redirectUri } = requireClient(authority, query);
  const back = (answer: Readonly<Record<string, string>>): string => {
    const url = new URL(redirectUri);
    for (const [name, value] of Object.entries(answer)) url.searchParams.set(name, value);
    const state = query.get("state");
    if (state !== null) url.searchParams.set("state", state);
    return url.href;
  };
  if (query.get("response_type") !== "code") {
    return back({
      error: "unsupported_response_type",
      error_description: "The authorization server does not support this response type.",
    });
  }
  const requested = (query.get("scope") ?? "").split(/\s+/).filter(Boolean);
  const scopes = requested.length > 0 ? requested : application.scopes.slice(0, 1);
  if (scopes.some((scope) => !application.scopes.includes(scope))) {
    return back({
      error: "invalid_scope",
      error_description: "The requested scope is invalid, unknown, or malformed.",
    });
  }
  const challenge = query.get("code_challenge");
  const method = query.get("code_challenge_method") ?? "plain";
  if (challenge !== null && (method !== "S256" || !/^[A-Za-z0-9_-]{43}$/.test(challenge))) {
    return back({
      error: "invalid_code_challenge_method",
      error_description: "The code_challenge_method must be S256.",
    });
  }
  if (challenge === null && !application.confidential) {
    return back({ error: "invalid_request", error_description: "Code challenge is required." });
  }
  if (consent.deny === true) {
    return back({
      error: "access_denied",
      error_description: "The resource owner or authorization server denied the request.",
    });
  }
  const granted = consent.scopes === undefined ? scopes : scopes.filter((scope) => consent.scopes?.includes(scope));
  const { code } = authority.createCode({
    clientId: application.clientId,
    userId: consent.user.id,
    redirectUri,
    scopes: granted,
    challenge: challenge === null ? undefined : { value: challenge, method },
  });
  return back({ code });
}

function requireClient(
  authority: Authority,
  query: URLSearchParams,
): { application: ApplicationRecord; redirectUri: string } {
  const application = authority.applications.get(query.get("client_id") ?? "");
  if (application === undefined) {
    throw new AuthorizationPageError(
      "Client authentication failed due to unknown client, no client authentication included, or unsupported authentication method.",
    );
  }
  const redirectUri = query.get("redirect_uri") ?? "";
  if (!application.redirectUris.some((known) => sameAddress(known, redirectUri))) {
    throw new AuthorizationPageError("The redirect URI included is not valid.");
  }
  return { application, redirectUri };
}

/** RFC 8252, section 7.3: the port of a loopback address is the client's choice. */
function sameAddress(known: string, sent: string): boolean {
  if (known === sent) return true;
  if (!URL.canParse(known) || !URL.canParse(sent)) return false;
  const [left, right] = [new URL(known), new URL(sent)];
  if (left.protocol !== "http:" || !["127.0.0.1", "[::1]"].includes(left.hostname)) return false;
  left.port = "";
  right.port = "";
  return left.href === right.href;
}
