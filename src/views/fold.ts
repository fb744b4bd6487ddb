import { isObject } from "../is-object.js";
import { checkDepth } from "./depth.js";

/**
 * An answer of GitLab's GraphQL API in the form that the views know from REST: names in snake_case, the nodes of a
 * connection as a list, and what the widgets of a work item say as fields of the item.
 *
 * @throws {RangeError} for data that is nested without end
 */
export function fold(data: unknown, depth = 0): unknown {
  checkDepth(depth);
  if (Array.isArray(data)) return data.filter((item) => item !== null).map((item) => fold(item, depth + 1));
  if (!isObject(data)) return data;
  const { nodes } = data;
  if (Array.isArray(nodes)) return fold(nodes, depth + 1);
  const { widgets, ...own } = data;
  const parts = Array.isArray(widgets) ? widgets.filter(isObject) : [];
  const fields = new Map<string, unknown>();
  for (const part of [own, ...parts.map(({ type: _, ...part }) => part)])
    for (const [name, value] of Object.entries(part)) {
      const known = fields.get(snakeCase(name));
      if (known === undefined || known === null) fields.set(snakeCase(name), fold(value, depth + 1));
    }
  // By entries: a field may be called __proto__.
  return Object.fromEntries(fields);
}

/** `webUrl` as the REST API and our inputs write it: `web_url`. */
export const snakeCase = (name: string): string => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
