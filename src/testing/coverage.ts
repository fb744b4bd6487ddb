import { allHandlers, resourceRoutes } from "./all-handlers.js";
import { loadDocument } from "./server/document.js";
import { makeEndpoints, type Served } from "./server/endpoints.js";

/** What the code answers by itself. Everything else is generated from the specification, or not declared. */
const kinds: readonly Served[] = ["special", "resource"];

/** Which operations are answered in which way, as a table in Markdown: a line per area of the API. */
export function coverageTable(): string {
  const areas = new Map<string, Map<Served, number>>();
  const endpoints = makeEndpoints(loadDocument(), { special: allHandlers, resources: resourceRoutes });
  for (const { operation, served } of endpoints) {
    if (!kinds.includes(served)) continue;
    const area = areaOf(operation.path);
    const counts = areas.get(area) ?? new Map<Served, number>();
    counts.set(served, (counts.get(served) ?? 0) + 1);
    areas.set(area, counts);
  }
  const total = (served: Served): number => endpoints.filter((endpoint) => endpoint.served === served).length;
  const line = (name: string, count: (served: Served) => number): string =>
    `| ${name} | ${kinds.map((served) => String(count(served) === 0 ? "" : count(served))).join(" | ")} |`;
  return [
    `| area | ${kinds.join(" | ")} |`,
    `| --- | ${kinds.map(() => "---:").join(" | ")} |`,
    ...[...areas]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([area, counts]) => line(`\`${area}\``, (served) => counts.get(served) ?? 0)),
    line("**all**", total),
  ].join("\n");
}

/** `/projects/{id}/issues` of `/api/v4/projects/{id}/issues/{issue_iid}/links`. */
function areaOf(path: string): string {
  const [, first = "", second = "", third = ""] = path
    .replace(/^\/api\/v4/, "")
    .replace("(-/)", "")
    .split("/");
  if (second.startsWith("{") && third !== "")
    return `/${first}/${second.replace(/\{\w+\}/, ":id")}/${third.replace(/\{\w+\}/, ":id")}`;
  return `/${first}`;
}
