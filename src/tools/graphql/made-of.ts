import type { Template } from "../../definition/graphql-call.js";
import { isObject, type Fields } from "../../is-object.js";

/**
 * Data made of other data by a template: `"$name.inner"` is what a field has, null where it is missing, and `"$"` the
 * whole; `"a {name}"` a text with it, null where it is missing. `{ $each: list, $as: … }` makes one of each item,
 * `{ $when: name, $as: … }` nothing where a field is missing or null, and `{ $of: name, $is: { word: other } }` puts one
 * word for another. All else stands for itself.
 */
export function madeOf(template: Template, source: unknown): unknown {
  if (typeof template === "string") return textOf(template, source);
  if (isList(template)) return template.map((one) => madeOf(one, source));
  if (!isObject(template)) return template;
  const { $each, $when, $as = null, $of, $is } = template;
  if (typeof $each === "string") {
    const items = valueAt(source, $each);
    return Array.isArray(items) ? items.map((item) => madeOf($as, item)) : [];
  }
  if (typeof $when === "string") return valueAt(source, $when) === null ? null : madeOf($as, source);
  if (typeof $of === "string") {
    const words: Fields = isObject($is) ? $is : {};
    return words[String(valueAt(source, $of))] ?? null;
  }
  return Object.fromEntries(Object.entries(template).map(([name, one]) => [name, madeOf(one, source)]));
}

const isList = (template: Template): template is readonly Template[] => Array.isArray(template);

function textOf(template: string, source: unknown): unknown {
  if (template.startsWith("$")) return valueAt(source, template.slice(1));
  let isWhole = true;
  const text = template.replaceAll(/\{([\w.]+)\}/g, (_, path: string) => {
    const value = valueAt(source, path);
    if (typeof value === "string" || typeof value === "number") return String(value);
    isWhole = false;
    return "";
  });
  return isWhole ? text : null;
}

function valueAt(source: unknown, path: string): unknown {
  let found: unknown = source;
  for (const step of path === "" ? [] : path.split("."))
    found = isObject(found) && Object.hasOwn(found, step) ? found[step] : undefined;
  return found ?? null;
}
