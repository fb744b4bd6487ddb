/** Keeps the fields that `view` names; lists item by item. What is not an object stays as it is. */
export function toCompact(view: readonly string[], data: unknown): unknown {
  if (Array.isArray(data)) return data.map((item) => toCompact(view, item));
  if (typeof data !== "object" || data === null || view.length === 0) return data;
  const kept: Record<string, unknown> = {};
  for (const path of view) {
    const value = pick(data, path.split("."));
    if (value === undefined || value === null || value === "" || (Array.isArray(value) && value.length === 0)) continue;
    kept[path.replaceAll("[]", "")] = value;
  }
  return kept;
}

/** `assignees[].username` walks into every item of a list. */
function pick(value: unknown, path: readonly string[]): unknown {
  const [step, ...rest] = path;
  if (step === undefined) return value;
  if (typeof value !== "object" || value === null) return undefined;
  const name = step.replace("[]", "");
  const next: unknown = Reflect.get(value, name);
  if (!step.endsWith("[]")) return pick(next, rest);
  return Array.isArray(next) ? next.map((item) => pick(item, rest)).filter((item) => item !== undefined) : undefined;
}
