import { parseErrorBody } from "./body.js";
import { GitLabToolError } from "./gitlab-tool-error.js";
import { accountRules } from "./rules/account.js";
import { conflictRules } from "./rules/conflict.js";
import { identityVerificationRules } from "./rules/identity-verification.js";
import { limitRules } from "./rules/limits.js";
import { notFoundRules } from "./rules/not-found.js";
import { permissionRules } from "./rules/permission.js";
import { planRules } from "./rules/plan.js";
import { stateRules } from "./rules/state.js";
import { tokenRules } from "./rules/token.js";
import type { Question, RefusedCall, Rule } from "./refused-call.js";

/** One list, in this order: the first rule that fits speaks, and the last one takes everything. */
const rules: readonly Rule[] = [
  ...tokenRules,
  ...identityVerificationRules,
  ...accountRules,
  ...planRules,
  ...stateRules,
  ...permissionRules,
  ...notFoundRules,
  ...conflictRules,
  ...limitRules,
];

function match(refusal: RefusedCall): { rule: Rule | undefined; body: ReturnType<typeof parseErrorBody> } {
  const body = parseErrorBody(refusal.body, refusal.secrets);
  const rule = rules.find(
    ({ status, when }) =>
      (typeof status === "function" ? status(refusal.status) : status.includes(refusal.status)) &&
      (when?.(body, refusal) ?? true),
  );
  return { rule, body };
}

/** What is worth looking up before {@link classify} speaks; nothing in most cases. */
export function questionsAbout(refusal: RefusedCall): readonly Question[] {
  const asks = match(refusal).rule?.asks ?? [];
  return typeof asks === "function" ? asks(refusal) : asks;
}

/** Why a call was refused, as one error. Never throws. */
export function classify(refusal: RefusedCall): GitLabToolError {
  const { rule, body } = match(refusal);
  const finding = rule?.finding(body, refusal) ?? { code: "internal", message: `GitLab answered ${refusal.status}.` };
  const { requestId } = refusal;
  return new GitLabToolError({
    ...finding,
    status: refusal.status,
    toolName: refusal.toolName,
    ...(requestId !== undefined && { requestId }),
  });
}
