import { because, isBare, says, type RefusedCall, type Rule } from "../refused-call.js";
import { forbidden, needsRole, roleSuffices, roleTooLow, tooLow } from "./role.js";

/** https://docs.gitlab.com/security/identity_verification/ */
const verifyUrl = ({ instance, baseUrl }: RefusedCall): string =>
  `${instance === "gitlab.com" ? "https://gitlab.com" : baseUrl.replace(/\/+$/, "")}/-/profile/verify`;

const hostOf = ({ instance, baseUrl }: RefusedCall): string =>
  instance === "gitlab.com" ? "GitLab.com" : new URL(baseUrl).host;

const verifies = ({ instance, verification }: RefusedCall): boolean =>
  instance === "gitlab.com" && verification === true;

/** Does the user have to verify who they are first? */
export const identityVerificationRules: readonly Rule[] = [
  {
    status: [400, 403],
    when: says(/identity verification|verify your identity/i),
    finding: (_, refusal) => ({
      code: "identity_verification_required",
      message: `${hostOf(refusal)} asks this user to verify their identity before running CI jobs.`,
      hint: `Ask the user to complete ${verifyUrl(refusal)}, then call again.`,
      details: { url: verifyUrl(refusal) },
    }),
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
          `Check the user's role${refusal.see?.["members"] ? ` with ${refusal.see["members"]}` : ""}; if it suffices, ask the user to complete ${verifyUrl(refusal)}.`,
          refusal,
        );
      }
      return {
        code: "identity_verification_required",
        message:
          "GitLab.com refused to run CI jobs though the user's role suffices: it most likely asks the user to verify their identity.",
        hint: `Ask the user to complete ${verifyUrl(refusal)}, then call again; if that is done, the branch is probably protected.`,
        details: { url: verifyUrl(refusal), inferred: true, accessLevel: refusal.evidence?.accessLevel },
      };
    },
  },
];
