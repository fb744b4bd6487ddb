import { isObject, type Fields } from "../is-object.js";
import type { ToolDefinition } from "../definition/definition.js";

/**
 * What GitLab left out of a change without a word: it ignores ids that it does not know, or that are a number in an
 * address (iid) and not an id. Goes by names: `milestone_id` shows as `milestone`, `assignee_ids` as `assignees`.
 */
export function ignoredIds(definition: ToolDefinition, values: Fields, data: unknown): string[] {
  if (definition.access === "read" || !isObject(data)) return [];
  return Object.entries(definition.parameters).flatMap(([name, place]) => {
    if (place.in !== "body") return [];
    const [, field, many] = /^(.+)_id(s?)$/.exec(name) ?? [];
    if (field === undefined) return [];
    const requested = many ? values[name] : [values[name]];
    const shown = many ? data[`${field}s`] : data[field];
    if (!Array.isArray(requested) || shown === undefined) return [];
    const there = new Set((Array.isArray(shown) ? shown : [shown]).filter(isObject).map(({ id }) => id));
    const ids = requested.filter((id) => typeof id === "number" && id !== 0);
    const missing = ids.filter((id) => !there.has(id));
    return missing.length === 0 ? [] : [warning(name, field, missing, there.size > 0 && missing.length < ids.length)];
  });
}

function warning(name: string, field: string, missing: readonly unknown[], some: boolean): string {
  const what = `${name}: GitLab did not take ${missing.join(", ")}`;
  if (field === "milestone") return `${what}. An id is meant, not the number in the milestone's address.`;
  return some
    ? `${what}. There is no such ${field} here, or GitLab's plan allows one only.`
    : `${what}. There is no such ${field} here.`;
}
