import type { Access } from "../../definition/definition.js";

/** What a client asks for: the most that its tools may do. */
export const toolScopes = ["gitlab:read", "gitlab:write", "gitlab:destructive"] as const;
export type ToolScope = (typeof toolScopes)[number];

const accesses: Readonly<Record<ToolScope, Access>> = {
  "gitlab:read": "read",
  "gitlab:write": "write",
  "gitlab:destructive": "destructive",
};

/** The scopes up to an access: whoever may write may read. */
export const scopesUpTo = (access: Access): readonly ToolScope[] =>
  toolScopes.slice(0, toolScopes.findIndex((scope) => accesses[scope] === access) + 1);

export const widest = (scopes: readonly ToolScope[]): Access =>
  accesses[toolScopes.findLast((scope) => scopes.includes(scope)) ?? "gitlab:read"];

/**
 * What a client gets of what it asks for: never more than there is, and all of it where it does not say. Words of
 * others, such as `offline_access`, are nothing here.
 *
 * @returns `undefined` where nothing is left
 */
export function grantable(requested: string | null, most: readonly ToolScope[]): readonly ToolScope[] | undefined {
  const words = requested?.split(" ").filter((word) => word.startsWith("gitlab:")) ?? [];
  if (words.length === 0) return most;
  const known = toolScopes.filter((scope) => words.includes(scope));
  const got = most.filter((scope) => known.some((one) => toolScopes.indexOf(scope) <= toolScopes.indexOf(one)));
  return got.length > 0 ? got : undefined;
}
