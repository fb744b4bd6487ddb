import { isObject } from "../is-object.js";

/** Nothing of GitLab's is nested more deeply, nor what is sent to it. */
const mostDepth = 200;

/** @throws {RangeError} for data that is nested without end */
export function checkDepth(depth: number): void {
  if (depth > mostDepth) throw new RangeError("The data is nested too deeply");
}

/** What JSON calls an object: no stream, and no bytes, as downloads hold them. */
export function isPlain(data: unknown): data is object {
  if (!isObject(data)) return false;
  const prototype: unknown = Object.getPrototypeOf(data);
  return prototype === Object.prototype || prototype === null;
}

/** Whether data is nested without end: what walks it would use up the stack. */
export function isTooDeep(data: unknown, depth = 0): boolean {
  if (!Array.isArray(data) && !isPlain(data)) return false;
  if (depth > mostDepth) return true;
  return Object.values(data).some((part) => isTooDeep(part, depth + 1));
}

/** The field of a tool's input that is nested without end; `undefined` where none is. */
export function deepField(input: unknown): string | undefined {
  if (!isTooDeep(input)) return undefined;
  const fields = isObject(input) ? Object.entries(input) : [];
  const [name = "input"] = fields.find(([, value]) => isTooDeep(value, 1)) ?? [];
  return name.slice(0, 100);
}
