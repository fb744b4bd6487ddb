import { GitLabToolError } from "../../errors/gitlab-tool-error.js";
import { readCookie } from "../../connect/cookies.js";
import { failurePage } from "../../connect/pages.js";
import { backToClient, browserCookie } from "./authorize.js";
import type { SignInParts } from "./parts.js";
import { hashOf, newSecret } from "../../web/sealed-rows.js";

/** A code is for one use, soon (https://datatracker.ietf.org/doc/html/rfc6749#section-4.1.2). */
const codeMs = 60_000;
/** Used up, it is remembered for as long as somebody could bring it again. */
export const usedCodeMs = 10 * 60_000;

/** Where GitLab sends the browser back: the person is known now, and the client gets its code. */
export async function comeBack(server: SignInParts, request: Request, connectionName: string): Promise<Response> {
  const { departures, codes, gitlab, origin, identify } = server;
  const { pathname, search, searchParams } = new URL(request.url);
  const state = searchParams.get("state") ?? "";
  const departure = await departures.get(state);
  if (!departure) return failurePage(400, "Too late", "Go back to the application and start again.");
  const { value } = departure;
  const browser = readCookie(request, browserCookie, server);
  // Nothing is exchanged for a browser that has not agreed: the code may be somebody else's.
  if (browser === undefined || hashOf(browser) !== value.browser || value.connectionName !== connectionName)
    return failurePage(403, "Another browser", "You have begun elsewhere. Go back to the application and start again.");
  if (!(await departures.take(state))) return failurePage(400, "Too late", "This page has been used already.");
  try {
    const { connectedAccount } = await gitlab.handleCallback(`${origin}${pathname}${search}`, { identify });
    const { identifier } = connectedAccount;
    const code = newSecret();
    const { clientId, redirectUri, challenge, scopes } = value;
    await codes.add(
      code,
      { clientId, redirectUri, challenge, scopes, account: { connectionName, identifier } },
      codeMs,
    );
    return backToClient(server, value, { code });
  } catch (error) {
    if (!(error instanceof GitLabToolError)) throw error;
    const denied = error.details?.["reason"] === "access_denied" || error.code === "forbidden";
    return backToClient(server, value, {
      error: denied ? "access_denied" : error.retryable ? "temporarily_unavailable" : "server_error",
      error_description: error.message.replace(/[^\x20-\x21\x23-\x5b\x5d-\x7e]/g, " ").slice(0, 200),
    });
  }
}
