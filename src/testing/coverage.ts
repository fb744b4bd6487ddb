import { boundaryOf, permissionOf } from "./server/granular.js";
import { routing } from "./routing.js";
import type { Served } from "./server/endpoints.js";

/** What the code answers by itself. Everything else is generated from the specification, or not declared. */
const kinds: readonly Served[] = ["special", "resource"];

/**
 * Which operations are answered in which way, as a table in Markdown: a line per path. It has nothing of operations that
 * only the specification knows, so that it stays as it is where the specification grows.
 */
export function coverageTable(): string {
  const paths = new Map<string, Map<Served, Set<string>>>();
  const totals = new Map<Served, number>();
  for (const { operation, served } of routing().endpoints) {
    if (!kinds.includes(served)) continue;
    const path = shown(operation.path);
    const methods = paths.get(path) ?? new Map<Served, Set<string>>();
    methods.set(served, (methods.get(served) ?? new Set()).add(operation.method));
    paths.set(path, methods);
    totals.set(served, (totals.get(served) ?? 0) + 1);
  }
  const line = (name: string, cell: (served: Served) => string): string =>
    `| ${name} | ${kinds.map(cell).join(" | ")} |`;
  return [
    `| path | ${kinds.join(" | ")} |`,
    `| --- | ${kinds.map(() => "---").join(" | ")} |`,
    ...[...paths]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([path, methods]) => line(`\`${path}\``, (served) => [...(methods.get(served) ?? [])].sort().join(", "))),
    line("**operations**", (served) => String(totals.get(served) ?? 0)),
  ].join("\n");
}

/** `/projects/:id/issues/:id` of `/api/v4/projects/{id}/issues/{issue_iid}`: the names are the specification's. */
const shown = (path: string): string =>
  path
    .replace(/^\/api\/v4/, "")
    .replace("(-/)", "")
    .replace(/\{\w+\}/g, ":id");

/** The permissions that fine-grained tokens need here, by what they are given for: a line per kind of things. */
export function permissionsTable(): string {
  const boundaries = ["project", "group", "user", "instance"] as const;
  const actions = new Map<string, Map<string, Set<string>>>();
  for (const { operation, served } of routing().endpoints) {
    if (!kinds.includes(served)) continue;
    const template = operation.path.replace("/api/v4", "");
    const [kind = "", action = ""] = permissionOf(operation.method, template).split(": ");
    const found = actions.get(kind) ?? new Map<string, Set<string>>();
    const boundary = boundaryOf(template);
    found.set(boundary, (found.get(boundary) ?? new Set()).add(action));
    actions.set(kind, found);
  }
  return [
    `| permission | ${boundaries.join(" | ")} |`,
    `| --- | ${boundaries.map(() => "---").join(" | ")} |`,
    ...[...actions]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([kind, found]) => {
        const cells = boundaries.map((boundary) => [...(found.get(boundary) ?? [])].sort().join(", "));
        return `| ${kind} | ${cells.join(" | ")} |`;
      }),
  ].join("\n");
}
