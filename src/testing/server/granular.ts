import { refuse } from "./handler.js";
import type { GitLabState } from "../state/gitlab-state.js";
import type { TokenRecord } from "../state/records.js";

/**
 * The permission of an operation, `Merge Request: Read`. GitLab keeps a table of them; here the name is worked out from the
 * last part of the path that names a kind of things, and the action from the method, which is right for most of them.
 */
export function permissionOf(method: string, path: string): string {
  const kinds = path.split("/").filter((part) => part !== "" && !part.startsWith("{") && part !== "repository");
  const kind = kinds.findLast((part) => part.endsWith("s")) ?? "project";
  const name = singular(kind)
    .split("_")
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join(" ");
  const actions: Readonly<Record<string, string>> = {
    POST: "Create",
    PUT: "Update",
    PATCH: "Update",
    DELETE: "Delete",
  };
  return `${name}: ${actions[method] ?? "Read"}`;
}

const singular = (kind: string): string => {
  if (kind.endsWith("ies")) return kind.replace(/ies$/, "y");
  if (/(?:ch|sh|ss|us)es$/.test(kind)) return kind.slice(0, -2);
  return /(?:ss|us)$/.test(kind) ? kind : kind.replace(/s$/, "");
};

/** What a permission is given for. */
export const boundaryOf = (template: string): "project" | "group" | "user" | "instance" =>
  template.startsWith("/projects/{")
    ? "project"
    : template.startsWith("/groups/{")
      ? "group"
      : template.startsWith("/user")
        ? "user"
        : "instance";

/** Refuses what a fine-grained token may not do: 404 for places out of its sight, 403 for permissions that it lacks. */
export function requireGranular(
  gitlab: GitLabState,
  token: TokenRecord,
  method: string,
  path: string,
  parameters: Readonly<Record<string, string>>,
): void {
  const { granular } = token;
  const template = path.replace("/api/v4", "");
  if (granular === undefined || template.endsWith("/personal_access_tokens/self")) return;
  const boundary = boundaryOf(template);
  const idOrPath = parameters[/\{(\w+)\}/.exec(template)?.[1] ?? ""] ?? "";
  const scopes = granular.filter(({ of }) => {
    if (typeof of !== "string") return of.boundary === boundary;
    return (boundary === "project" || boundary === "group") && isWithin(gitlab, boundary, idOrPath, of);
  });
  if (scopes.length === 0 && (boundary === "project" || boundary === "group")) refuse(404, "404 Not Found");
  const permission = permissionOf(method, template);
  if (scopes.some(({ permissions }) => permissions.includes(permission))) return;
  refuse(403, {
    error: "insufficient_granular_scope",
    error_description: `Access denied: This operation requires a fine-grained personal access token with the following ${boundary} permissions: [${permission}].`,
  });
}

/** Whether a project or group is the place of a scope, or below it. */
function isWithin(gitlab: GitLabState, boundary: "project" | "group", idOrPath: string, of: string): boolean {
  const isNumber = /^\d+$/.test(idOrPath);
  const project = isNumber ? gitlab.projects.get(Number(idOrPath)) : gitlab.projectByPath(idOrPath);
  const group = isNumber ? gitlab.groups.get(Number(idOrPath)) : gitlab.groupByPath(idOrPath);
  const path = boundary === "project" ? project && gitlab.projectPath(project) : group && gitlab.groupPath(group);
  return (
    path !== undefined &&
    (path.toLowerCase() === of.toLowerCase() || path.toLowerCase().startsWith(`${of.toLowerCase()}/`))
  );
}
