import { isObject } from "../is-object.js";
import type { Access, ToolDefinition } from "../definition/definition.js";

/** From the least to the most that a call may do. */
export const accesses: readonly Access[] = ["read", "write", "destructive"];

/** Whether a call that does `access` is within what may be done at the most. */
export const isAtMost = (access: Access, most: Access): boolean => accesses.indexOf(access) <= accesses.indexOf(most);

/** The least of what is given; nothing where nothing is. */
export const narrowest = (...levels: readonly (Access | undefined)[]): Access | undefined =>
  accesses.find((access) => levels.includes(access));

/**
 * What a call does at the most: some tools destroy something only where their input says so, such as a commit that
 * deletes a file. What cannot be read counts as destructive.
 */
export function callAccess(
  { access, destructive_when: words }: Pick<ToolDefinition, "access" | "destructive_when">,
  input: unknown,
): Access {
  if (!words) return access;
  const destroys = Object.entries(words).some(([path, values]) =>
    valuesAt(input, path.split(".")).some((value) => typeof value !== "string" || values.includes(plain(value))),
  );
  return destroys ? "destructive" : access;
}

/** What a tool's calls do at the most, whatever their input. */
export function mostAccess(tool: Pick<ToolDefinition, "access" | "destructive_when">): Access {
  return tool.destructive_when ? "destructive" : tool.access;
}

/** Words are taken in any case: https://docs.gitlab.com/api/commits/ names them in small letters. */
const plain = (word: string): string => word.trim().toLowerCase();

/** Every value at a path, lists on the way included. Something else than an object on the way is a value itself. */
function valuesAt(value: unknown, [first, ...rest]: readonly string[]): unknown[] {
  if (value === undefined) return [];
  if (Array.isArray(value)) return value.flatMap((item) => valuesAt(item, first === undefined ? [] : [first, ...rest]));
  if (first === undefined) return [value];
  return isObject(value) ? valuesAt(value[first], rest) : [{ unread: value }];
}
