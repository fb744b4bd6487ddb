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

/** A text without the secrets in it. */
export function maskText(text: string): string {
  return text.replace(any, (_, ...groups: unknown[]) => {
    const at = groups.slice(0, kinds.length).findIndex((group) => group !== undefined);
    return mask(kinds[at]?.[0] ?? "token");
  });
}

/**
 * Data without the secrets in it; of masked and hidden CI/CD variables the value goes, whatever it looks like.
 *
 * @param fields names of fields that hold a credential, whatever it looks like
 */
export function maskSecrets(data: unknown, fields: readonly string[] = []): unknown {
  if (typeof data === "string") return maskText(data);
  if (Array.isArray(data)) return data.map((item) => maskSecrets(item, fields));
  if (typeof data !== "object" || data === null || !isPlain(data)) return data;
  const isHidden = "variable_type" in data && (isTrue(data, "masked") || isTrue(data, "hidden"));
  return Object.fromEntries(
    Object.entries(data).map(([name, value]): [string, unknown] => {
      if (isHidden && name === "value" && value !== null) return [name, mask("variable")];
      if (typeof value === "string" && value !== "" && fields.includes(name))
        return [name, mask(name.replaceAll(/[^a-z]+/g, " ").slice(0, 30))];
      return [name, maskSecrets(value, fields)];
    }),
  );
}

/** The first field of an input in which a mask stands: written back, it would destroy what it hides. */
export function fieldWithMask(input: Readonly<Record<string, unknown>>): string | undefined {
  return Object.keys(input).find((name) => holdsMask(input[name]));
}

function holdsMask(value: unknown): boolean {
  if (typeof value === "string") return masked.test(value);
  return typeof value === "object" && value !== null && Object.values(value).some(holdsMask);
}

/** Downloads hold streams and bytes, which are not for models. */
function isPlain(data: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(data);
  return prototype === Object.prototype || prototype === null;
}

const isTrue = (data: object, name: string): boolean => Reflect.get(data, name) === true;
