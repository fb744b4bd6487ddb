/** A JSON object, by field. */
export type Fields = Readonly<Record<string, unknown>>;

/** An object that is no list: what JSON calls an object. */
export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
