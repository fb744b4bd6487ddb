import { checkDepth, isPlain } from "./depth.js";

/**
 * Secrets that GitLab and the big clouds issue, told by their fixed beginnings:
 * https://docs.gitlab.com/security/tokens/#token-prefixes and the providers' own pages.
 */
const kinds: readonly (readonly [name: string, pattern: string])[] = [
  ["gitlab token", String.raw`\bgl(?:pat|oas|dt|rtr?|cbt|ptt|ft|imt|agent|soat|ffct|wt)-[\w.-]{16,}`],
  ["gitlab token", String.raw`\bGR1348941[\w-]{20,}`],
  [
    "private key",
    String.raw`-----BEGIN [A-Z ]{0,30}PRIVATE KEY(?: BLOCK)?-----(?:\s*(?:Proc-Type|DEK-Info):[^\n]*\n)*[^-]{0,20000}(?:-----END [A-Z ]{0,30}PRIVATE KEY(?: BLOCK)?-----)?`,
  ],
  ["aws key", String.raw`\b(?:AKIA|ASIA)[A-Z2-7]{16}\b`],
  ["github token", String.raw`\b(?:gh[pousr]_[A-Za-z0-9]{36,}|github_pat_\w{60,})`],
  ["google key", String.raw`\bAIza[\w-]{35}`],
  ["slack token", String.raw`\bxox[abeoprs]-[\w-]{10,}`],
  ["stripe key", String.raw`\b[rs]k_live_[A-Za-z0-9]{20,}`],
  ["npm token", String.raw`\bnpm_[A-Za-z0-9]{36}\b`],
  ["anthropic key", String.raw`\bsk-ant-[\w-]{20,}`],
  ["jwt", String.raw`\beyJ[\w-]{10,}\.eyJ[\w-]{10,}\.[\w-]{10,}`],
];

const any = new RegExp(kinds.map(([, pattern]) => `(${pattern})`).join("|"), "g");
const mask = (kind: string): string => `[secret hidden: ${kind}]`;
const masked = /\[secret hidden: [a-z ]{1,30}\]/;

/** No secret is shorter. */
const shortest = 15;

/** A text without the secrets in it. */
export function maskText(text: string): string {
  if (text.length < shortest) return text;
  return text.replace(any, (_, ...groups: unknown[]) => {
    const at = groups.slice(0, kinds.length).findIndex((group) => group !== undefined);
    return mask(kinds[at]?.[0] ?? "token");
  });
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

/** The first field of an input in which a mask stands: written back, it would destroy what it hides. */
export function fieldWithMask(input: Readonly<Record<string, unknown>>): string | undefined {
  return Object.keys(input).find((name) => holdsMask(input[name]));
}

function holdsMask(value: unknown): boolean {
  if (typeof value === "string") return masked.test(value);
  return typeof value === "object" && value !== null && Object.values(value).some(holdsMask);
}
