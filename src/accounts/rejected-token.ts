import { parseErrorBody } from "../errors/body.js";

/** A token that GitLab answered 401 to, and what it said about it. */
export interface RejectedToken {
  readonly token: string;
  readonly reason: Rejection;
}

/** `unknown`: GitLab did not say why, or the token means nothing to it. */
export type Rejection = "expired" | "revoked" | "unknown";

/**
 * What a response says against the token it was asked with; `undefined` when nothing.
 * A plain 401 also means "not allowed": GitLab answers so when a merge request cannot be merged.
 */
export function rejectionOf(status: number, body: string): Rejection | undefined {
  if (status !== 401) return undefined;
  const { text, kind, error } = parseErrorBody(body);
  // A proxy's own page says nothing about the token.
  if (kind === "html" || error === "insufficient_scope") return undefined;
  // Only this error is about the token (https://datatracker.ietf.org/doc/html/rfc6750#section-3.1); a password or a
  // licence expires as well.
  if (error !== "invalid_token") return "unknown";
  if (/expired/i.test(text)) return "expired";
  return /revoked/i.test(text) ? "revoked" : "unknown";
}
