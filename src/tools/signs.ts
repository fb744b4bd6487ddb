import type { ToolDefinition } from "../definition/definition.js";
import type { Values } from "./validate.js";

/** What GitLab's Markdown writes before a name. */
export type Sign = "@" | "~" | "%";

/**
 * A name as GitLab keeps it, of `@ada`, `~bug`, `~"needs review"` or `%v1.4`. GitLab's API looks for the whole text: filters
 * by it find nothing, and a label of that name would be made.
 *
 * @see https://docs.gitlab.com/user/markdown/#gitlab-specific-references
 */
export function unsigned(sign: Sign, text: string): string {
  const name = text.startsWith(sign) ? text.slice(1) : "";
  if (name === "") return text;
  return name.length > 2 && name.startsWith('"') && name.endsWith('"') ? name.slice(1, -1) : name;
}

/** The values with names for what is written as Markdown refers to it. */
export function withoutSigns({ parameters }: ToolDefinition, values: Values): Values {
  let plain = values;
  for (const [name, value] of Object.entries(values)) {
    const sign = parameters[name]?.sign;
    if (sign === undefined) continue;
    const bare = (one: unknown): unknown => (typeof one === "string" ? unsigned(sign, one) : one);
    plain = { ...plain, [name]: Array.isArray(value) ? value.map(bare) : bare(value) };
  }
  return plain;
}
