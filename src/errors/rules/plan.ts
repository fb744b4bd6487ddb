import { planHas } from "../plan.js";
import { because, isBare, says, type Finding, type RefusedCall, type Rule } from "../refused-call.js";
import { forbidden, needsRole, roleSuffices, roleTooLow, tooLow } from "./role.js";

const tierName = ({ tier }: RefusedCall): string => (tier === "ultimate" ? "Ultimate" : "Premium");

const seeApprovals = ({ see }: RefusedCall): string =>
  see?.["approvals"] ? ` Call ${see["approvals"]} to see who may.` : "";

function premium(message: string, hint: string, { tier, evidence = {} }: RefusedCall): Finding {
  const { plan, enterprise, accessLevel } = evidence;
  const known = { ...(plan && { plan }), ...(enterprise !== undefined && { enterprise }) };
  return {
    code: "premium_required",
    message,
    hint,
    details: { ...(tier && { tier }), ...known, ...(accessLevel !== undefined && { accessLevel }) },
  };
}

/** Is it the plan, or what the instance was set up with? https://docs.gitlab.com/subscriptions/choosing_subscription/ */
export const planRules: readonly Rule[] = [
  {
    // Code, commits and comments of all projects need advanced or exact code search, which no Free instance has:
    // https://docs.gitlab.com/api/search/#global-search-api
    status: [400, 403],
    when: (body, { path }) =>
      /^\/api\/v4\/(?:groups\/\{\w+\}\/(?:-\/)?)?search$/.test(path) &&
      body.kind === "json" &&
      body.error === undefined &&
      !isBare(body),
    finding: (body, { see, instance, toolName }) => ({
      code: "not_available",
      message: `${toolName} cannot search this scope here${because(body)}`,
      hint: `${instance === "gitlab.com" ? "It needs Premium" : "It needs advanced search, of Premium and set up by the administrator"}: ${see?.["search"] ? `call ${see["search"]} for one project` : "search in one project"} instead.`,
      details: { reason: "search_scope" },
    }),
  },
  {
    status: [400, 402, 403, 422],
    when: says(
      /(?:premium|ultimate)\b.*\b(?:plan|licen[cs]e|subscription|tier)|licensed feature|(?:not available|not included)\b.*\b(?:plan|licen[cs]e|subscription)|upgrade your (?:plan|subscription)/i,
    ),
    finding: (body, refusal) =>
      premium(
        `The feature is not in the plan${because(body)}`,
        "Do without it here; tell the user that the plan lacks the feature.",
        refusal,
      ),
  },
  {
    status: [403],
    when: (body, { tier }) => tier !== undefined && isBare(body),
    asks: ({ instance }) => (instance === "gitlab.com" ? ["plan"] : ["plan", "target"]),
    finding: (body, refusal) => whichOfPlanAndRole(because(body), refusal),
  },
];

/** A paid feature, refused: the plan, the role, or, where nothing tells, both. */
export function whichOfPlanAndRole(words: string, refusal: RefusedCall): Finding {
  const { tier = "premium", toolName, access, evidence = {} } = refusal;
  const feature = `${toolName} needs GitLab ${tierName(refusal)}`;
  const has = planHas(tier, evidence);
  if (roleTooLow(refusal)) return tooLow(refusal);
  if (has === false) {
    const what = evidence.plan ? `the namespace's plan is ${evidence.plan}` : "this instance is the Community Edition";
    return premium(
      `${feature}; ${what}.`,
      "Do without this tool here; tell the user that the plan lacks the feature.",
      refusal,
    );
  }
  // Approvals and much else of what is marked as paid work on Free in part: without evidence of the plan it is the role.
  if (has === true || (has === undefined && access !== "read")) {
    return forbidden(
      `GitLab does not allow this${words}${needsRole(refusal)}`,
      has === true
        ? "The plan has the feature: the user's role or the project's rules do not allow it; somebody else has to do it."
        : `The user's role or the project's rules do not allow it; somebody else has to do it.${seeApprovals(refusal)}`,
      refusal,
    );
  }
  if (roleSuffices(refusal)) {
    return premium(
      `${feature}, and the user's role suffices: the plan most likely lacks it.`,
      "Ask an owner for the namespace's plan; do without this tool on Free.",
      refusal,
    );
  }
  return premium(
    `GitLab refused ${toolName}${words} Either the plan lacks it (it needs ${tierName(refusal)}), or the user's role is too low; GitLab does not say which.`,
    "Check the namespace's plan and the user's role; do without this tool on Free.",
    refusal,
  );
}
