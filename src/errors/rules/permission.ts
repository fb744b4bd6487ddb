import { because, says, type Rule } from "../refused-call.js";
import { forbidden, needsRole } from "./role.js";

/** May this user do it here? https://docs.gitlab.com/user/permissions/ */
export const permissionRules: readonly Rule[] = [
  {
    status: [401],
    when: (_, { path }) => path.endsWith("/approve"),
    finding: (body, { see, ...refusal }) =>
      forbidden(
        `The user may not approve this${because(body)}${needsRole(refusal)}`,
        `The token is valid: the user has approved already, is the author, or is no eligible approver.${see?.["approvals"] ? ` Call ${see["approvals"]}.` : ""}`,
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
