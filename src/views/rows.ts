import { isObject, type Fields } from "../is-object.js";

/**
 * A list for a model, a line an item: as rows under a line of names where that is shorter than objects, with what all
 * links begin with said once (`web_url: https://gitlab.com/acme/app/-/issues/{iid}`).
 */
export function rows(items: readonly unknown[]): string[] {
  const objects = items.filter(isObject);
  if (objects.length < 2 || objects.length < items.length) return items.map((item) => JSON.stringify(item));
  const link = linkTemplate(objects);
  const shown = link === undefined ? objects : objects.map(({ web_url: _, ...rest }) => rest);
  const spread = shown.map(spreadFields);
  const links = link === undefined ? [] : [`web_url: ${link}`];
  const names = [...new Set(spread.flatMap((item) => [...item.keys()]))];
  const plain = shown.map((item) => JSON.stringify(item));
  const table = [names, ...spread.map((item) => names.map((name) => item.get(name) ?? null))].map((row) =>
    JSON.stringify(row),
  );
  return [...links, ...(size(table) < size(plain) ? table : plain)];
}

/** Objects in an item as columns of their own: `commit.short_id`. */
function spreadFields(item: Fields): ReadonlyMap<string, unknown> {
  const spread = new Map<string, unknown>();
  for (const name of Object.keys(item)) {
    const value = item[name];
    if (!isObject(value)) spread.set(name, value);
    else for (const inner of Object.keys(value)) spread.set(`${name}.${inner}`, value[inner]);
  }
  return spread;
}

const size = (lines: readonly string[]): number => lines.reduce((sum, line) => sum + line.length, 0);

/** What every item's `web_url` is: a text, and the value of one and the same of its fields. */
function linkTemplate(items: readonly Fields[]): string | undefined {
  const [first] = items;
  for (const [name, value] of Object.entries(first ?? {})) {
    if (name === "web_url" || (typeof value !== "number" && typeof value !== "string") || value === "") continue;
    const url = first?.["web_url"];
    if (typeof url !== "string" || !url.endsWith(`/${String(value)}`)) continue;
    const start = url.slice(0, -String(value).length);
    if (items.every((item) => item["web_url"] === `${start}${String(item[name])}`)) return `${start}{${name}}`;
  }
  return undefined;
}
