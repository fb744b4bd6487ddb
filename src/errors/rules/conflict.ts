import { isMaintained, takesNoChanges } from "./maintenance.js";
import type { ErrorBody } from "../body.js";
import { mergeObstacles, withTools } from "../merge-status.js";
import { because, says, type Finding, type RefusedCall, type Rule } from "../refused-call.js";

const isMerge = ({ path, method }: RefusedCall): boolean => method === "PUT" && path.endsWith("/merge");
/** A merge or an approval, which may be of one version only. */
const isJudgement = (refusal: RefusedCall): boolean =>
  isMerge(refusal) || (refusal.method === "POST" && refusal.path.endsWith("/approve"));

function notMergeable(body: ErrorBody, { evidence, see }: RefusedCall): Finding {
  const facts = evidence?.merge;
  const status = facts?.detailed_merge_status;
  const obstacle =
    mergeObstacles[status ?? ""] ??
    (facts?.draft ? mergeObstacles["draft_status"] : undefined) ??
    (facts?.has_conflicts ? mergeObstacles["conflict"] : undefined);
  if (!obstacle) {
    return {
      code: "not_mergeable",
      message: `The merge request cannot be merged now${because(body)}`,
      hint: withTools("Call {merge_request} and read detailed_merge_status; call again if it says mergeable.", see),
      ...(facts && { details: { ...facts } }),
    };
  }
  return {
    code: "not_mergeable",
    message: `The merge request cannot be merged now: ${obstacle.why}.`,
    hint: withTools(obstacle.hint, see),
    retryable: obstacle.passes === true,
    details: { ...facts },
  };
}

function moved({ evidence, headers, baseUrl, see, finders }: RefusedCall): Finding {
  const to = evidence?.project;
  const id = to?.id ?? numberIn(headers.get("location"), baseUrl);
  const now = to ? `${to.path} (${to.id})` : id !== undefined ? `project ${id}` : "another path";
  return {
    code: "conflict",
    message: `The project has moved to ${now}; a change is not sent on to a new address.`,
    hint:
      id === undefined
        ? `Look the project up${(see?.["project"] ?? finders["project_id"]) ? ` with ${see?.["project"] ?? finders["project_id"] ?? ""}` : ""}, then call again with its number.`
        : `Call again with project_id: ${id}.`,
    details: { reason: "moved", ...(id !== undefined && { projectId: id }), ...(to && { project: to.path }) },
  };
}

/** Words outside of ASCII, which GitLab's own are not in English. */
const isTranslated = (body: ErrorBody): boolean =>
  body.fields === undefined && /[^\u0000-\u024f\u2010-\u2027]|[À-ɏ]/.test(body.text);

function fileChanged({ evidence, path, see }: RefusedCall): Finding {
  const last = evidence?.lastCommitId;
  return {
    code: "conflict",
    message: `${path.endsWith("/commits") ? "A file of the commit" : "The file"} has changed since it was read${last === undefined ? "" : `: its last commit is now ${last}`}.`,
    hint: withTools(
      "Call {content}, bring the change into the present content, then call again with its last_commit_id.",
      see,
    ),
    ...(last !== undefined && { details: { last_commit_id: last } }),
  };
}

/** GitLab redirects to the project's number, `…/api/v4/projects/7/…`: https://docs.gitlab.com/api/rest/#redirects */
function numberIn(location: string | null, baseUrl: string): number | undefined {
  if (location === null || !URL.canParse(location, baseUrl)) return undefined;
  const number = /\/api\/v4\/projects\/(\d+)(?:\/|$)/.exec(new URL(location, baseUrl).pathname)?.[1];
  return number === undefined ? undefined : Number(number);
}

/** Where a redirect leads, when it leaves the connection's own origin. */
function elsewhere({ headers, baseUrl }: RefusedCall): URL | undefined {
  const location = headers.get("location");
  if (location === null || !URL.canParse(location, baseUrl)) return undefined;
  const to = new URL(location, baseUrl);
  return to.origin === new URL(baseUrl).origin ? undefined : to;
}

const isSignIn = (location: string | null): boolean => /sign_in|\/login|\bsso\b|saml/i.test(location ?? "");

const isRedirect = (status: number): boolean => status >= 300 && status < 400;

/** What is in another state than the caller thinks: moved, changed, already there, not mergeable. */
export const conflictRules: readonly Rule[] = [
  {
    status: isRedirect,
    when: (_, { headers }) => isSignIn(headers.get("location")),
    finding: (_, { baseUrl }) => ({
      code: "forbidden",
      message: `${new URL(baseUrl).host} sends the call to a sign-in page.`,
      hint: "Something in front of GitLab asks people to sign in: its administrator has to let API calls through.",
    }),
  },
  {
    status: isRedirect,
    when: (_, refusal) => elsewhere(refusal) !== undefined,
    finding: (_, refusal) => ({
      code: "connection_misconfigured",
      message: `${refusal.baseUrl} sends calls on to ${elsewhere(refusal)?.origin ?? "elsewhere"}; the token was not sent there.`,
      hint: `If that is the instance's address, set the connection's baseUrl to it.`,
      details: { location: elsewhere(refusal)?.origin },
    }),
  },
  {
    status: isRedirect,
    asks: ({ headers, baseUrl }) => (numberIn(headers.get("location"), baseUrl) === undefined ? ["moved"] : []),
    finding: (_, refusal) => moved(refusal),
  },
  {
    status: [405],
    when: says(/moved projects?/i),
    asks: ["moved"],
    finding: (_, refusal) => moved(refusal),
  },
  {
    // https://docs.gitlab.com/administration/instance_limits/#max-offset-allowed-by-the-rest-api-for-offset-based-pagination
    status: [405, 400],
    when: says(/maximum allowed offset|offset pagination/i),
    finding: (body) => ({
      code: "validation_failed",
      message: `GitLab numbers no pages this far on${because(body)}`,
      hint: "Narrow the filter; where the tool takes pagination, call it with pagination: keyset and follow the next page.",
    }),
  },
  {
    status: [405, 503],
    when: isMaintained,
    finding: takesNoChanges,
  },
  {
    status: [409],
    when: (body, refusal) => isJudgement(refusal) && /\bsha\b/i.test(body.text),
    asks: ["merge"],
    finding: (body, { evidence, see }) => ({
      code: "conflict",
      message: `The source branch has changed since the merge request was read${because(body)}`,
      hint: evidence?.merge?.sha
        ? `Look at the new commits, then call again with sha: ${evidence.merge.sha}.`
        : withTools("Call {merge_request} for the present sha, look at the new commits, then call again with it.", see),
      details: { ...evidence?.merge, reason: "outdated" },
    }),
  },
  { status: [405, 406, 422], when: (_, refusal) => isMerge(refusal), asks: ["merge"], finding: notMergeable },
  { status: [422], when: says(/cannot be merged/i), asks: ["merge"], finding: notMergeable },
  {
    status: [400, 409],
    when: says(/has changed since you started editing/i),
    asks: ["file"],
    finding: (_, refusal) => fileChanged(refusal),
  },
  {
    // The same in another language: GitLab translates its errors, so what the file's last commit is now decides.
    status: [400],
    when: (body, { path, access, finders }) =>
      access !== "read" &&
      path.endsWith("/repository/files/{file_path}") &&
      "file_path" in finders &&
      isTranslated(body),
    asks: ["file"],
    finding: (body, refusal) =>
      refusal.evidence?.fileChanged
        ? fileChanged(refusal)
        : {
            code: "validation_failed",
            message: `GitLab refused the change${because(body)}`,
            hint: "Correct the values; if the branch is protected, use another one and a merge request.",
          },
  },
  {
    status: [409],
    when: says(/\block(?:ed)?\b|resource lock/i),
    finding: (body) => ({
      code: "conflict",
      message: `GitLab is busy with the same thing${because(body)}`,
      hint: "Nothing was changed. Call again in a few seconds.",
      retryable: true,
    }),
  },
  {
    status: [400, 409, 422],
    when: (body) =>
      body.fields === undefined && /already (?:exists|been taken|a member)|already taken/i.test(body.text),
    finding: (body, { attemptLost }) => ({
      code: "conflict",
      message: `It is already there${because(body)}${attemptLost ? " An earlier attempt of this call got no answer: it may be its work." : ""}`,
      hint: "Read what is there; update it, or choose another name.",
    }),
  },
  {
    status: [412],
    finding: (body) => ({
      code: "conflict",
      message: `It has changed in the meantime${because(body)}`,
      hint: "Read the present state, then call again.",
    }),
  },
  {
    status: [409],
    finding: (body) => ({
      code: "conflict",
      message: `It conflicts with what is there${because(body)}`,
      hint: "Read the present state, then decide.",
    }),
  },
];
