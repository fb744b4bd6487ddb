import { createHash, createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import { derivedKey } from "../accounts/derived-key.js";
import { GitLabToolError } from "../errors/gitlab-tool-error.js";
import { readCookie, setCookie } from "./cookies.js";

/** A browser of a person: who is signed in there, and where it reaches us. */
export interface Visit {
  readonly request: Request;
  readonly identifier: string;
  /** The origin that the browser sees. */
  readonly origin: string;
}

/** What tells a person's own requests from those that another site, or another person, makes their browser send. */
export interface RequestGuard {
  /** The token of the page's forms, and the cookie that it goes with where the browser has none yet. */
  tokenFor(visit: Visit): { readonly csrf: string; readonly cookie?: string };
  /** Whether a form was on a page of this person's, in this browser. */
  holds(visit: Visit, csrf: string): boolean;
  /** The cookie that lets this browser, and this person, come back from GitLab. */
  departure(visit: Visit, state: string): string;
  /** Whether this person has left for GitLab from this browser. */
  hasDeparted(visit: Visit, state: string): boolean;
  /** Forgets that. */
  arrival(visit: Visit, state: string): string;
}

const browserCookie = "gitlab-agent-tools-connect";
const departureCookie = (state: string): string =>
  `${browserCookie}-${createHash("sha256").update(state).digest("hex").slice(0, 16)}`;

const daySeconds = 86_400;
/** As long as an authorization link works. */
const departureSeconds = 600;

/**
 * A form's token is made from the person and a secret of the browser's, so that neither is good without the other
 * (https://cheatsheetseries.owasp.org/cheatsheets/Cross-Site_Request_Forgery_Prevention_Cheat_Sheet.html). The `state` of
 * a link is tied to the browser that asked for it (https://datatracker.ietf.org/doc/html/rfc6749#section-10.12): whoever
 * gets a person to open a link of their own, signed in with the attacker's account, gets nothing.
 *
 * @param keys the client's encryption keys in base64, the current one first: every replica has them
 */
export function createGuard(keys: readonly string[]): RequestGuard {
  const derived = keys.map((key) => derivedKey(key, "connect"));
  const [current = randomBytes(32)] = derived;

  const sign = (key: Uint8Array, parts: readonly string[]): string =>
    createHmac("sha256", key).update(JSON.stringify(parts)).digest("base64url");
  const isSigned = (signature: string, parts: readonly string[]): boolean =>
    derived.map((key) => isSame(sign(key, parts), signature)).includes(true);

  const browserOf = ({ request, origin }: Visit): string | undefined => readCookie(request, browserCookie, { origin });

  return {
    tokenFor(visit) {
      const { origin, identifier } = visit;
      const known = browserOf(visit);
      const browser = known ?? randomBytes(32).toString("base64url");
      const cookie = setCookie(browserCookie, browser, { origin, maxAgeSeconds: daySeconds });
      return { csrf: sign(current, ["form", identifier, browser]), ...(known === undefined && { cookie }) };
    },
    holds(visit, csrf) {
      const browser = browserOf(visit);
      return browser !== undefined && isSigned(csrf, ["form", visit.identifier, browser]);
    },
    departure({ origin, identifier }, state) {
      const value = sign(current, ["departure", identifier, state]);
      return setCookie(departureCookie(state), value, { origin, maxAgeSeconds: departureSeconds });
    },
    hasDeparted({ request, identifier, origin }, state) {
      const value = readCookie(request, departureCookie(state), { origin });
      return value !== undefined && isSigned(value, ["departure", identifier, state]);
    },
    arrival: ({ origin }, state) => setCookie(departureCookie(state), "", { origin, maxAgeSeconds: 0 }),
  };
}

function isSame(one: string, other: string): boolean {
  const [a, b] = [Buffer.from(one), Buffer.from(other)];
  return a.length === b.length && timingSafeEqual(a, b);
}

/**
 * What to tell whoever runs the pages where a browser vouches that a form came from its own page, and only the addresses
 * differ: no page can set `Sec-Fetch-Site` (https://www.w3.org/TR/fetch-metadata/). A proxy has changed the host, or the
 * server names itself, as Next.js does.
 */
export function misplaced({ request, origin }: Visit): GitLabToolError | undefined {
  if (request.headers.get("sec-fetch-site") !== "same-origin") return undefined;
  const sender = (request.headers.get("origin") ?? "").slice(0, 200);
  return new GitLabToolError({
    code: "invalid_input",
    message: `The connect page is at ${sender} for browsers, and at ${origin} for this server: its forms are refused.`,
    hint: "Set publicUrl in createGitLab to the address that browsers see.",
  });
}

/**
 * Whether a browser says that another site has made it send this. Browsers without the headers are held by the form's
 * token alone.
 */
export function isFromElsewhere({ request, origin }: Pick<Visit, "request" | "origin">): boolean {
  const site = request.headers.get("sec-fetch-site");
  if (site !== null && site !== "same-origin" && site !== "none") return true;
  const sender = request.headers.get("origin");
  if (sender === null) return false;
  // A proxy that ends TLS hides the scheme from us, not the host.
  return !URL.canParse(sender) || new URL(sender).host !== new URL(origin).host;
}
