import { GitLabToolError } from "../errors/gitlab-tool-error.js";
import type { ResolvedConnection } from "./connections.js";
import type { Http } from "./oauth-endpoint.js";
import { secondsOf } from "./oauth-response.js";
import { rejectionOf, type Rejection } from "./rejected-token.js";

/** The instance, and the way to it. */
type ReachableInstance = Pick<ResolvedConnection, "baseUrl" | "networkSettings">;

/** What GitLab says about a token; what it does not say is absent. */
export interface TokenFacts {
  readonly user?: { readonly id: number; readonly username: string };
  readonly scopes?: readonly string[];
  readonly expiresAt?: number;
}

/** GitLab's verdict on a token. `unclear` when it did not answer the question. */
export type Verdict = Rejection | "accepted" | "blocked" | "unclear";

interface InstanceResponse {
  readonly status: number;
  readonly text: string;
  readonly body: Readonly<Record<string, unknown>>;
}

/**
 * One read with the token. Status 0 when there was no response.
 *
 * @throws {GitLabToolError} `connection_misconfigured` where a certificate or a proxy stands in the way
 */
async function ask(
  http: Http,
  { baseUrl, networkSettings }: ReachableInstance,
  path: string,
  token: string,
): Promise<InstanceResponse> {
  try {
    const signal = AbortSignal.timeout(http.requestTimeoutMs);
    const headers = { Authorization: `Bearer ${token}`, Accept: "application/json" };
    const response = await http.fetch(`${baseUrl}${path}`, { headers, signal }, networkSettings?.reveal());
    const text = await response.text();
    return { status: response.status, text, body: objectOf(text) };
  } catch (error) {
    if (error instanceof GitLabToolError && error.code === "connection_misconfigured") throw error;
    return { status: 0, text: "", body: {} };
  }
}

function objectOf(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? { ...value } : {};
  } catch {
    return {};
  }
}

function verdictOf({ status, text, body }: InstanceResponse): Verdict {
  const rejection = rejectionOf(status, text);
  if (rejection) return rejection;
  const said = JSON.stringify([body["error"], body["error_description"], body["message"]]);
  if (status === 403 && /blocked|deactivated/i.test(said)) return "blocked";
  // Scopes that are too narrow for this route still belong to a living token.
  return status === 200 || status === 403 ? "accepted" : "unclear";
}

/** Whether GitLab accepts the token, and whose it is. */
export async function whoIs(
  http: Http,
  instance: ReachableInstance,
  token: string,
): Promise<{ verdict: Verdict; user?: TokenFacts["user"]; answered: boolean }> {
  const response = await ask(http, instance, "/api/v4/user", token);
  const { id, username } = response.body;
  const known = response.status === 200 && typeof id === "number" && typeof username === "string";
  return { verdict: verdictOf(response), answered: response.status !== 0, ...(known && { user: { id, username } }) };
}

const words = (value: unknown): readonly string[] | undefined =>
  Array.isArray(value) ? value.filter((word) => typeof word === "string") : undefined;

/** Scopes and end of a token: of an access token from its own route, of an OAuth token from its introspection. */
export async function tokenFacts(http: Http, instance: ReachableInstance, token: string): Promise<TokenFacts> {
  const own = await ask(http, instance, "/api/v4/personal_access_tokens/self", token);
  if (own.status === 200) {
    const scopes = words(own.body["scopes"]);
    // A date is the first day on which the token no longer works, in UTC: what Date.parse makes of it.
    const end = typeof own.body["expires_at"] === "string" ? Date.parse(own.body["expires_at"]) : Number.NaN;
    return { ...(scopes && { scopes }), ...(Number.isFinite(end) && { expiresAt: end }) };
  }
  const info = await ask(http, instance, "/oauth/token/info", token);
  if (info.status !== 200) return {};
  const scopes = words(info.body["scope"]) ?? words(info.body["scopes"]);
  const seconds = secondsOf(info.body["expires_in"] ?? info.body["expires_in_seconds"]);
  return {
    ...(scopes && { scopes }),
    ...(seconds !== undefined && { expiresAt: http.now() + seconds * 1000 }),
  };
}
