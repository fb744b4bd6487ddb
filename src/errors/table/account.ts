import { planHas } from "../plan.js";
import { because, isBare, says, type Finding, type Refusal, type Row } from "../refusal.js";
import { roleName } from "../roles.js";

const verifyUrl = "https://gitlab.com/-/profile/verify";

/** A token whose scopes do not suffice, before a call or after it. */
export function insufficientScope(needed: readonly string[], granted: readonly string[]): Finding {
  const least = needed[0] ?? "api";
  return {
    code: "insufficient_scope",
    message: `The token lacks a scope: needs ${needed.join(" or ")}${granted.length > 0 ? `, has ${granted.join(", ")}` : ""}.`,
    hint: `Scopes are fixed at consent: have the user authorize again with a link from getAuthorizationLink({ scopes: ["${least}"] }).`,
    details: { needed, granted },
  };
}

/** Why GitLab lets an account do nothing at all, told by its words. */
const blocked: readonly { reason: string; words: RegExp; hint: string }[] = [
  {
    reason: "terms_of_service",
    words: /terms of (?:service|use)/i,
    hint: "Ask the user to sign in to GitLab in a browser and accept the terms, then call again.",
  },
  {
    reason: "pending_approval",
    words: /pending (?:admin(?:istrator)? )?approval/i,
    hint: "An administrator of the instance has to approve the user first.",
  },
  {
    reason: "blocked",
    words:
      /\baccount\b.*\b(?:blocked|banned|deactivated|locked)|\b(?:blocked|banned|deactivated) (?:account|user)|\buser\b(?: \S+)? (?:is|was|has been) (?:blocked|banned|deactivated)/i,
    hint: "Ask an administrator of the instance; calling again does not help.",
  },
  {
    reason: "ip_restricted",
    words: /\bip\b.*(?:not allowed|not permitted|restrict|denied)|(?:not allowed|restrict\w*|denied).*\bip\b/i,
    hint: "The group or instance admits only some IP addresses: call from an allowed one, or ask its owner to add this one.",
  },
  {
    reason: "sso",
    words: /\bsso\b|\bsaml\b|single sign-?on/i,
    hint: "Ask the user to sign in through the group's single sign-on in a browser, then call again.",
  },
  {
    reason: "two_factor",
    words: /two-factor|\b2fa\b|\bmfa\b/i,
    hint: "Ask the user to set up two-factor authentication in GitLab, then call again.",
  },
  {
    reason: "password_expired",
    words: /password (?:has )?expired/i,
    hint: "Ask the user to change the password in GitLab's web interface, then call again.",
  },
  {
    reason: "email_unconfirmed",
    words: /email (?:address )?(?:is |has )?not (?:been )?confirmed|confirm your (?:primary )?email/i,
    hint: "Ask the user to confirm the email address in GitLab, then call again.",
  },
];

const blockedBy = (text: string): (typeof blocked)[number] | undefined => blocked.find(({ words }) => words.test(text));

const needsRole = ({ role }: Refusal): string => (role === undefined ? "" : ` The action needs ${roleName(role)}.`);

const tierName = ({ tier }: Refusal): string => (tier === "ultimate" ? "Ultimate" : "Premium");

function forbidden(message: string, hint: string, { role, evidence }: Refusal): Finding {
  const accessLevel = evidence?.accessLevel;
  const details = {
    ...(role !== undefined && { neededAccessLevel: role }),
    ...(accessLevel !== undefined && { accessLevel }),
  };
  return { code: "forbidden", message, hint, ...(Object.keys(details).length > 0 && { details }) };
}

const roleTooLow = ({ role, evidence }: Refusal): boolean =>
  role !== undefined && evidence?.accessLevel !== undefined && evidence.accessLevel < role;

const roleSuffices = ({ role, evidence }: Refusal): boolean =>
  role !== undefined && evidence?.accessLevel !== undefined && evidence.accessLevel >= role;

const verifies = ({ instance, verification }: Refusal): boolean => instance === "gitlab.com" && verification === true;

function premium(message: string, hint: string, { tier, evidence = {} }: Refusal): Finding {
  const { plan, enterprise, accessLevel } = evidence;
  const known = { ...(plan && { plan }), ...(enterprise !== undefined && { enterprise }) };
  return {
    code: "premium_required",
    message,
    hint,
    details: { ...(tier && { tier }), ...known, ...(accessLevel !== undefined && { accessLevel }) },
  };
}

/** Who is asking: the token, the person's account, the role, the plan. */
export const accountRows: readonly Row[] = [
  {
    status: [401, 403],
    when: (body) => body.error === "insufficient_scope",
    finding: (_, { scopes, grantedScopes }) => insufficientScope(scopes, grantedScopes),
  },
  {
    // Fine-grained personal access tokens have permissions in place of scopes.
    status: [401, 403],
    when: (body) => /^insufficient_\w*scope$/.test(body.error ?? ""),
    finding: (body, { scopes }) => ({
      code: "insufficient_scope",
      message: `The token lacks a permission${because(body)}`,
      hint: "Have the user make a token with this permission and connect it, or authorize with getAuthorizationLink.",
      details: { needed: scopes, granted: [] },
    }),
  },
  {
    // A token that was renewed a moment ago and is refused again.
    status: [401],
    when: (body) => body.error === "invalid_token",
    finding: (body) => ({
      code: /revoked/i.test(body.text) ? "account_revoked" : "account_not_connected",
      message: `GitLab refuses this account's token, renewed a moment ago${because(body)}`,
      hint: "Have the user authorize again with a link from getAuthorizationLink.",
    }),
  },
  {
    status: [400, 403],
    when: (body, { instance }) =>
      instance === "gitlab.com" && /identity verification|verify your identity/i.test(body.text),
    finding: () => ({
      code: "identity_verification_required",
      message: "GitLab.com asks this user to verify their identity before running CI jobs.",
      hint: `Ask the user to complete ${verifyUrl}, then call again.`,
      details: { url: verifyUrl },
    }),
  },
  {
    status: [400, 403, 409, 422],
    when: (body) => body.spam !== undefined,
    finding: (body) => ({
      code: "forbidden",
      message: `GitLab took the text for spam${because(body)}`,
      hint: "Do not send it again: a person has to do this in GitLab's web interface and confirm it there.",
      details: { reason: "spam", captcha: body.spam?.captcha === true },
    }),
  },
  {
    status: [401, 403],
    when: (body) => body.kind !== "html" && blockedBy(body.text) !== undefined,
    finding: (body) => ({
      code: "account_blocked",
      message: `GitLab does not let this account in${because(body)}`,
      hint: blockedBy(body.text)?.hint,
      details: { reason: blockedBy(body.text)?.reason },
    }),
  },
  {
    status: [403],
    when: says(/read-only|maintenance mode/i),
    finding: (body) => ({
      code: "gitlab_unavailable",
      message: `GitLab takes no changes at the moment${because(body)}`,
      hint: "Nothing was changed. Call again when the maintenance is over.",
      retryable: true,
    }),
  },
  {
    status: [401, 403],
    when: (body) => body.kind === "html",
    finding: (body, { status, baseUrl }) => ({
      code: "forbidden",
      message: `${new URL(baseUrl).host} answered ${status} with a web page, not as GitLab's API does${because(body)}`,
      hint: "A proxy, firewall or sign-in page stands in front of GitLab: its administrator has to let API calls through.",
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
    when: (body, refusal) => verifies(refusal) && isBare(body),
    asks: ["access"],
    finding: (body, refusal) => {
      if (roleTooLow(refusal)) return tooLow(refusal);
      if (!roleSuffices(refusal)) {
        return forbidden(
          `GitLab.com refused ${refusal.toolName}${because(body)}${needsRole(refusal)} Either the user's role is too low, or GitLab.com asks for identity verification; its answer does not say which.`,
          `Check the user's role with gitlab_project_members_list; if it suffices, ask the user to complete ${verifyUrl}.`,
          refusal,
        );
      }
      return {
        code: "identity_verification_required",
        message:
          "GitLab.com refused to run CI jobs though the user's role suffices: it most likely asks the user to verify their identity.",
        hint: `Ask the user to complete ${verifyUrl}, then call again; if that is done, the branch is probably protected.`,
        details: { url: verifyUrl, inferred: true, accessLevel: refusal.evidence?.accessLevel },
      };
    },
  },
  {
    status: [403],
    when: (body, { tier }) => tier !== undefined && isBare(body),
    asks: ({ instance }) => (instance === "gitlab.com" ? ["plan"] : ["plan", "target"]),
    finding: (body, refusal) => whichOfPlanAndRole(because(body), refusal),
  },
  {
    status: [401],
    when: (_, { path }) => path.endsWith("/approve"),
    finding: (body, refusal) =>
      forbidden(
        `The user may not approve this${because(body)}${needsRole(refusal)}`,
        "The token is valid: the user has approved already, is the author, or is no eligible approver. Call gitlab_merge_request_approvals_get.",
        refusal,
      ),
  },
  {
    status: [401],
    when: (_, { access }) => access !== "read",
    finding: (body, refusal) =>
      forbidden(
        `The user may not do this${because(body)}${needsRole(refusal)}`,
        "The token is valid: somebody with a higher role, or with the right on this branch, has to do it.",
        refusal,
      ),
  },
  {
    status: [401, 403],
    finding: (body, refusal) =>
      forbidden(
        `GitLab does not allow this${because(body)}${needsRole(refusal)}`,
        "The user's role in the project or group is too low for the action; someone with a higher role has to do it.",
        refusal,
      ),
  },
  {
    // Protected branches and pipelines: a matter of rights, said with 400.
    status: [400],
    when: says(/not allowed to (?:push|create|delete|merge|update)|insufficient permission|you don't have permission/i),
    finding: (body, refusal) =>
      forbidden(
        `GitLab does not allow this${because(body)}${needsRole(refusal)}`,
        "The branch is protected or the user's role is too low: use another branch and a merge request, or ask a maintainer.",
        refusal,
      ),
  },
];

function tooLow(refusal: Refusal): Finding {
  const { role = 0, evidence } = refusal;
  return forbidden(
    `The user's role is too low: ${roleName(evidence?.accessLevel ?? 0)}; the action needs ${roleName(role)}.`,
    "Somebody with that role has to do it, or give it to the user.",
    refusal,
  );
}

/** A paid feature, refused: the plan, the role, or, where nothing tells, both. */
export function whichOfPlanAndRole(words: string, refusal: Refusal): Finding {
  const { tier = "premium", toolName, evidence = {} } = refusal;
  const feature = `${toolName} needs GitLab ${tierName(refusal)}`;
  const has = planHas(tier, evidence);
  if (has === false) {
    const what = evidence.plan ? `the namespace's plan is ${evidence.plan}` : "this instance is the Community Edition";
    return premium(
      `${feature}; ${what}.`,
      "Do without this tool here; tell the user that the plan lacks the feature.",
      refusal,
    );
  }
  if (roleTooLow(refusal)) return tooLow(refusal);
  if (has === true) {
    return forbidden(
      `GitLab does not allow this${words}${needsRole(refusal)}`,
      "The plan has the feature: the user's role or the project's rules do not allow it; somebody else has to do it.",
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
