import type { Finding, RefusedCall } from "../refused-call.js";
import { roleName } from "../roles.js";

export const needsRole = ({ role }: RefusedCall): string =>
  role === undefined ? "" : ` The action needs ${roleName(role)}.`;

export function forbidden(message: string, hint: string, { role, evidence }: RefusedCall): Finding {
  const accessLevel = evidence?.accessLevel;
  const details = {
    ...(role !== undefined && { neededAccessLevel: role }),
    ...(accessLevel !== undefined && { accessLevel }),
  };
  return { code: "forbidden", message, hint, ...(Object.keys(details).length > 0 && { details }) };
}

export const roleTooLow = ({ role, evidence }: RefusedCall): boolean =>
  role !== undefined && evidence?.accessLevel !== undefined && evidence.accessLevel < role;

export const roleSuffices = ({ role, evidence }: RefusedCall): boolean =>
  role !== undefined && evidence?.accessLevel !== undefined && evidence.accessLevel >= role;

export function tooLow(refusal: RefusedCall): Finding {
  const { role = 0, evidence } = refusal;
  return forbidden(
    `The user's role is too low: ${roleName(evidence?.accessLevel ?? 0)}; the action needs ${roleName(role)}.`,
    "Somebody with that role has to do it, or give it to the user.",
    refusal,
  );
}
