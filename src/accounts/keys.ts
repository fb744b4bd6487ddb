import { GitLabToolError } from "../errors/gitlab-tool-error.js";
import type { AccountKey } from "./types.js";

const longest = 512;

/**
 * A name that every store can tell from every other. Control characters do not fit in PostgreSQL; half a surrogate
 * pair would become the same replacement character as every other half, and so another person's name.
 */
export function checkName(value: unknown, what: string): asserts value is string {
  const refuse = (because: string): GitLabToolError =>
    new GitLabToolError({
      code: "invalid_input",
      message: `${what} ${because}.`,
      hint: `Pass ${what === "identifier" ? "your own id of the person" : "the name of a connection"} as a string.`,
      details: { field: what },
    });
  if (typeof value !== "string") throw refuse("must be a string");
  if (value.trim() === "") throw refuse("must not be empty");
  if (value.length > longest) throw refuse(`must not be longer than ${longest} characters`);
  if (/[\u0000-\u001f\u007f]/.test(value) || !value.isWellFormed()) {
    throw refuse("must not contain control characters or broken Unicode");
  }
}

export function checkKey({ connectionName, identifier }: AccountKey): AccountKey {
  checkName(connectionName, "connectionName");
  checkName(identifier, "identifier");
  return { connectionName, identifier };
}
