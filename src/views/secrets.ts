import { checkDepth, isPlain } from "./depth.js";
import { secretKinds } from "./secret-kinds.js";

const mask = (kind: string): string => `[secret hidden: ${kind}]`;
/** A mask in a text. */
export const maskPattern = /\[secret hidden: [a-z ]{1,30}\]/i;

/** No secret is shorter; the password of a URL comes with the URL. */
const shortest = 15;

const hint = new RegExp(
  secretKinds
    .flatMap(({ words }) => words)
    .map((word) => word.replaceAll(/[.*+?^${}()|[\]\\/]/g, String.raw`\$&`))
    .join("|"),
);

/** A text without the secrets in it. */
export function maskText(text: string): string {
  if (text.length < shortest || !hint.test(text)) return text;
  let shown = text;
  for (const { name, shape } of secretKinds) {
    shown = shown.replace(shape, (...found: unknown[]) => keptOf(found.at(-1)) + mask(name));
  }
  return shown.includes(keyEnds) ? withoutKeyEnds(shown) : shown;
}

const keptOf = (groups: unknown): string =>
  typeof groups === "object" && groups !== null && "kept" in groups ? String(groups.kept) : "";

const keyEnds = "-----END ";
const keyEnd = /-----END [A-Z0-9 ]{0,30}PRIVATE KEY(?: BLOCK)?-----/y;
/** With the sign of a diff, or the number of a line that was looked for. */
const keyLine = /^[ +\d:-]{0,12}[A-Za-z0-9+/=]{1,76}\r?$/;

/** Hides the rest of a private key whose beginning is not in the text: of a file from a line on, of a log's last lines. */
function withoutKeyEnds(text: string): string {
  let shown = "";
  let from = 0;
  for (let at = text.indexOf(keyEnds); at >= 0; at = text.indexOf(keyEnds, at + 1)) {
    keyEnd.lastIndex = at;
    if (!keyEnd.test(text)) continue;
    let start = text.lastIndexOf("\n", at) + 1;
    while (start > from) {
      const before = text.lastIndexOf("\n", start - 2) + 1;
      if (before < from || !keyLine.test(text.slice(before, start - 1))) break;
      start = before;
    }
    shown += text.slice(from, start) + mask("private key");
    from = keyEnd.lastIndex;
  }
  return shown + text.slice(from);
}

/** Names of a tool's fields that hold a credential, whatever it looks like. */
export type SecretFields = readonly string[];

/** What stands in the place of a field's value: of masked and hidden CI/CD variables, and of {@link SecretFields}. */
export function hiddenValue(
  fields: Readonly<Record<string, unknown>>,
  name: string,
  value: unknown,
  secret: SecretFields,
): string | undefined {
  if (name === "value" && value !== null && isHiddenVariable(fields)) return mask("variable");
  if (secret.length === 0 || typeof value !== "string" || value === "" || !secret.includes(name)) return undefined;
  return mask(name.replaceAll(/[^a-z]+/g, " ").slice(0, 30));
}

function isHiddenVariable(fields: Readonly<Record<string, unknown>>): boolean {
  return "variable_type" in fields && (fields["masked"] === true || fields["hidden"] === true);
}

/**
 * Data without the secrets in it. Data without any is returned as it is.
 *
 * @throws {RangeError} for data that is nested without end
 */
export function maskSecrets(data: unknown, secret: SecretFields = [], depth = 0): unknown {
  if (typeof data === "string") return maskText(data);
  if (typeof data !== "object" || data === null) return data;
  checkDepth(depth);
  if (Array.isArray(data)) {
    let copy: unknown[] | undefined;
    for (const [at, item] of data.entries()) {
      const shown = maskSecrets(item, secret, depth + 1);
      if (shown !== item) (copy ??= [...(data as unknown[])])[at] = shown;
    }
    return copy ?? data;
  }
  // Downloads hold streams and bytes, which are not for models.
  if (!isPlain(data)) return data;
  const fields = data as Readonly<Record<string, unknown>>;
  let changed: [name: string, value: unknown][] | undefined;
  for (const name of Object.keys(fields)) {
    const value = fields[name];
    const shown = hiddenValue(fields, name, value, secret) ?? maskSecrets(value, secret, depth + 1);
    if (shown !== value) (changed ??= []).push([name, shown]);
  }
  // By entries: a field may be called __proto__.
  return changed ? Object.fromEntries([...Object.entries(fields), ...changed]) : data;
}
