import { parseErrorBody, type ErrorBody } from "./body.js";
import type { ErrorCode } from "./codes.js";
import { GitLabToolError } from "./gitlab-tool-error.js";
import { retryAfterSeconds } from "./network.js";

/** What is known of a refused call. */
export interface Refusal {
  readonly toolName: string;
  readonly method: string;
  readonly tier?: string;
  readonly verification?: boolean;
  readonly iidParameter?: string;
  readonly role?: number;
  readonly scopes: readonly string[];
  readonly grantedScopes: readonly string[];
  readonly instance: "gitlab.com" | "self-managed";
  readonly status: number;
  readonly headers: Headers;
  readonly body: string;
}

interface Finding {
  readonly code: ErrorCode;
  readonly message: string;
  readonly hint?: string;
  readonly retryable?: boolean;
  readonly details?: Readonly<Record<string, unknown>>;
}

interface Row {
  readonly status: readonly number[];
  readonly when?: (body: ErrorBody, refusal: Refusal) => boolean;
  readonly finding: (body: ErrorBody, refusal: Refusal) => Finding;
}

const says =
  (pattern: RegExp) =>
  (body: ErrorBody): boolean =>
    pattern.test(body.text);

const because = (body: ErrorBody): string => (body.text === "" ? "." : `: ${body.text}`);

/** First match wins; the last rows are the general ones. */
const rows: readonly Row[] = [
  {
    status: [403],
    when: (body) => body.error === "insufficient_scope",
    finding: (_, { scopes, grantedScopes }) => insufficientScope(scopes, grantedScopes),
  },
  {
    status: [400, 403],
    when: (body, { instance, verification }) =>
      instance === "gitlab.com" && verification === true && /identity verification/i.test(body.text),
    finding: () => ({
      code: "identity_verification_required",
      message: "GitLab.com asks this user to verify their identity before running CI jobs.",
      hint: "Ask the user to complete https://gitlab.com/-/profile/verify, then call again.",
      details: { url: "https://gitlab.com/-/profile/verify" },
    }),
  },
  {
    status: [403],
    when: says(
      /blocked|terms of service|ip (?:address )?(?:is )?(?:not allowed|restrict)|sso|single sign-on|deactivated/i,
    ),
    finding: (body) => ({
      code: "account_blocked",
      message: `GitLab does not let this account in${because(body)}`,
      hint: "The user has to settle this in GitLab's web interface or with an administrator.",
    }),
  },
  {
    status: [403],
    when: (_, { tier }) => tier !== undefined,
    finding: (body, { tier, toolName }) => ({
      code: "premium_required",
      message: `GitLab refused ${toolName}${because(body)} The feature needs ${tier === "ultimate" ? "Ultimate" : "Premium"}, or the user's role is too low.`,
      hint: "Check the namespace's plan and the user's role; do without this tool on Free.",
    }),
  },
  {
    status: [401, 403],
    finding: (body, { role }) => ({
      code: "forbidden",
      message: `GitLab does not allow this${because(body)}`,
      hint: "The user's role in the project or group is too low for the action; someone with a higher role has to do it.",
      ...(role !== undefined && { details: { neededAccessLevel: role } }),
    }),
  },
  {
    status: [404],
    when: says(/project not found/i),
    finding: () => ({
      code: "project_not_found",
      message: "There is no such project, or this user has no access to it.",
      hint: "Call gitlab_projects_list with search to find the project, or ask for access to it.",
    }),
  },
  {
    status: [404],
    when: (_, { iidParameter }) => iidParameter !== undefined,
    finding: (body, { iidParameter }) => ({
      code: "not_found",
      message: `GitLab did not find it${because(body)}`,
      hint: `Check ${iidParameter ?? "the iid"}: it is the number after # or ! in the project, not the global id.`,
    }),
  },
  {
    status: [404, 410],
    finding: (body) => ({
      code: "not_found",
      message: `GitLab did not find it${because(body)}`,
      hint: "Check the names and numbers with the matching list tool.",
    }),
  },
  {
    status: [405, 406],
    when: (_, { toolName }) => toolName === "gitlab_merge_request_merge",
    finding: (body) => ({
      code: "not_mergeable",
      message: `The merge request cannot be merged now${because(body)}`,
      hint: "Call gitlab_merge_request_get and read detailed_merge_status.",
    }),
  },
  {
    status: [409, 412],
    finding: (body) => ({
      code: "conflict",
      message: `It conflicts with what is there${because(body)}`,
      hint: "Read the current state, then decide.",
    }),
  },
  {
    status: [400],
    when: says(/has changed since you started editing|already exists|already taken/i),
    finding: (body) => ({
      code: "conflict",
      message: `It conflicts with what is there${because(body)}`,
      hint: "Read the current state, then decide.",
    }),
  },
  {
    status: [422],
    when: says(/cannot be merged/i),
    finding: (body) => ({
      code: "not_mergeable",
      message: `The merge failed${because(body)}`,
      hint: "Call gitlab_merge_request_get and read detailed_merge_status.",
    }),
  },
  {
    status: [400, 422],
    finding: (body) => ({
      code: "validation_failed",
      message: `GitLab refused the values${because(body)}`,
      hint: "Correct the values and call again.",
      ...(body.fields && { details: { fields: body.fields } }),
    }),
  },
  {
    status: [429],
    finding: (_, { headers }) => {
      const seconds = retryAfterSeconds(headers);
      return {
        code: "rate_limited",
        message: `GitLab's rate limit is reached${seconds === undefined ? "" : `; it asks to wait ${Math.ceil(seconds)} s`}.`,
        hint:
          seconds === undefined ? "Wait a minute, then call again." : `Call again in ${Math.ceil(seconds)} seconds.`,
        retryable: true,
        ...(seconds !== undefined && { details: { retryAfterSeconds: Math.ceil(seconds) } }),
      };
    },
  },
];

/** Why a call was refused, as one error. Never throws. */
export function classify(refusal: Refusal): GitLabToolError {
  const body = parseErrorBody(refusal.body);
  const { status, headers, toolName } = refusal;
  const row = rows.find((candidate) => candidate.status.includes(status) && (candidate.when?.(body, refusal) ?? true));
  const finding = row?.finding(body, refusal) ?? general(status, body, refusal.method);
  const requestId = requestIdOf(headers);
  return new GitLabToolError({ ...finding, status, toolName, ...(requestId !== undefined && { requestId }) });
}

function general(status: number, body: ErrorBody, method: string): Finding {
  if (status >= 500) {
    return {
      code: "gitlab_unavailable",
      message: `GitLab answered ${status}${because(body)}`,
      hint:
        method === "GET"
          ? "Call again in a while."
          : "The request may have been carried out; check before repeating it.",
      retryable: method === "GET",
    };
  }
  if (status >= 300 && status < 400) {
    return {
      code: "conflict",
      message: `GitLab says that this has moved (status ${status}); a change is not sent on.`,
      hint: "Look the project up with gitlab_project_get and call again with its current path or its number.",
    };
  }
  return { code: "internal", message: `GitLab answered ${status}${because(body)}` };
}

export function insufficientScope(needed: readonly string[], granted: readonly string[]): Finding {
  const least = needed[0] ?? "api";
  return {
    code: "insufficient_scope",
    message: `The token lacks a scope: needs ${needed.join(" or ")}${granted.length > 0 ? `, has ${granted.join(", ")}` : ""}.`,
    hint: `Scopes are fixed at consent: have the user authorize again with a link from getAuthorizationLink({ scopes: ["${least}"] }).`,
    details: { needed, granted },
  };
}

/** GitLab's id of the request, from its own header or from the correlation id. */
export function requestIdOf(headers: Headers): string | undefined {
  const id = headers.get("x-request-id");
  if (id) return id;
  try {
    const meta: unknown = JSON.parse(headers.get("x-gitlab-meta") ?? "{}");
    if (typeof meta === "object" && meta !== null && "correlation_id" in meta) return String(meta.correlation_id);
  } catch {
    // A header that is not JSON names no request.
  }
  return undefined;
}
