import { toHttpError } from "../errors/http-errors.js";
import { GitLabToolError } from "../errors/gitlab-tool-error.js";
import type { ConnectView } from "./view.js";

/** What cannot go on, in words for the person. */
export type ConnectFailure = Omit<ConnectView & { readonly kind: "failed" }, "kind" | "startAgain">;

/** Refusals of our own, before anything is asked of GitLab. */
export const refusals = {
  signedOut: {
    status: 401,
    code: "signed_out",
    title: "You are signed out",
    message: "Sign in first, then connect GitLab.",
  },
  anotherBrowser: {
    status: 403,
    code: "another_browser",
    title: "You have begun elsewhere",
    message: "This was begun in another browser, or by somebody else. Nothing was connected.",
  },
  forged: {
    status: 403,
    code: "forged",
    title: "This page is too old",
    message: "This page was opened too long ago, or by somebody else. Nothing was changed.",
  },
  notUnderstood: {
    status: 400,
    code: "invalid_input",
    title: "This was not understood",
    message: "Something in this request was not understood. Nothing was changed.",
  },
  tooLarge: { status: 413, code: "too_large", title: "Too much", message: "That is more than this page takes." },
  notAllowed: { status: 405, code: "method_not_allowed", title: "Not possible", message: "This page cannot do that." },
  notFound: { status: 404, code: "not_found", title: "Nothing here", message: "There is no such page." },
} as const satisfies Readonly<Record<string, ConnectFailure>>;

const tooLate: readonly [number, string, string] = [
  400,
  "Too late",
  "This link has been used already, or is too old. Your account is as it was.",
];

const administrator = "Ask your administrator to check how this application is registered there.";

/** Why a callback has led to nothing, by `details.reason`: status, title, message. */
const reasons: Readonly<Record<string, readonly [number, string, string]>> = {
  access_denied: [403, "Not allowed", "You did not allow it on GitLab's page. Nothing was connected."],
  state_missing: tooLate,
  state_unknown: tooLate,
  state_used: tooLate,
  state_expired: tooLate,
  code_refused: tooLate,
  identifier_mismatch: [403, "For somebody else", "This link was made for somebody else. Nothing was connected."],
  connection_changed: [409, "Changed meanwhile", "This GitLab was set up anew while you were there."],
  invalid_scope: [
    500,
    "GitLab refused",
    `GitLab does not let this application ask for what it needs. ${administrator}`,
  ],
  invalid_callback: [502, "GitLab refused", `GitLab's answer was not complete. ${administrator}`],
  redirect_uri_mismatch: [
    500,
    "Not set up right",
    `GitLab has sent you to another address than it was to. ${administrator}`,
  ],
  user_unknown: [502, "GitLab refused", `GitLab did not say who you are. ${administrator}`],
};

/** The error for people: what it says to developers stays out. */
export function failureOf(error: unknown): ConnectFailure {
  const reason: unknown = error instanceof GitLabToolError ? error.details?.["reason"] : undefined;
  const known = typeof reason === "string" && Object.hasOwn(reasons, reason) ? reasons[reason] : undefined;
  const { code, status, message } = toHttpError(error);
  if (known)
    return { status: known[0], code: typeof reason === "string" ? reason : code, title: known[1], message: known[2] };
  const title = status === 500 ? "Something is wrong" : status >= 500 ? "GitLab does not answer" : "That did not work";
  return { status, code, title, message };
}

/** Whether somebody other than the person has to do something about it. */
export const concernsOperators = (failure: ConnectFailure): boolean => failure.status >= 500;
