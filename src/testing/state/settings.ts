import { Fields } from "../server/fields.js";

export type Settings = Readonly<Record<string, unknown>>;

/**
 * Takes over what a request says about settings, each in the type of its default: forms send everything as text. What has
 * no default is no setting and is ignored.
 */
export function takeSettings(target: Record<string, unknown>, values: Settings, defaults: Settings): void {
  const fields = new Fields(values);
  for (const [name, standard] of Object.entries(defaults)) {
    const value = values[name];
    if (value === undefined) continue;
    if (value === null) target[name] = null;
    else if (typeof standard === "boolean") target[name] = fields.flag(name) ?? standard;
    else if (typeof standard === "number") target[name] = fields.integer(name) ?? standard;
    else if (Array.isArray(standard)) target[name] = Array.isArray(value) ? value : fields.list(name);
    else target[name] = typeof value === "object" ? value : (fields.text(name) ?? standard);
  }
}
