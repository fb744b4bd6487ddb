import { isObject } from "../is-object.js";

/** An error answer's body in one form, whatever shape GitLab or a proxy gave it. */
export interface ErrorBody {
  /** GitLab's own words, flat; empty where there were none. */
  readonly text: string;
  /** OAuth's error code, such as `invalid_token`: https://datatracker.ietf.org/doc/html/rfc6750#section-3.1 */
  readonly error?: string;
  /** Messages by field, where the answer names fields. */
  readonly fields?: Readonly<Record<string, readonly string[]>>;
  /** GitLab took the text for spam; whether solving a captcha would let it pass. */
  readonly spam?: { readonly captcha: boolean };
  readonly kind: "json" | "html" | "text" | "empty";
}

const maxWords = 500;
const maxFields = 20;
const maxDepth = 6;
/** Keys under which GitLab puts a message that belongs to no field. */
const noField = new Set(["base", "error", "message"]);
/** The fixed beginnings of GitLab's own tokens: https://docs.gitlab.com/security/tokens/#token-prefixes */
const tokens = /\bgl(?:pat|oas|dt|rt|rtr|cbt|ptt|ft|imt|agent|soat|ffct|wt)-[\w.-]{8,}/g;

type Redact = (text: string) => string;

/** Understands every shape that error bodies come in. Never throws; `secrets` never show in what it returns. */
export function parseErrorBody(body: string, secrets: readonly string[] = []): ErrorBody {
  const trimmed = body.trim();
  if (trimmed === "") return { text: "", kind: "empty" };
  const redact: Redact = (text) => {
    const without = secrets.reduce((rest, secret) => (secret ? rest.replaceAll(secret, "[hidden]") : rest), text);
    return without.replace(tokens, "[hidden]");
  };
  if (/^(?:<!doctype|<html|<\?xml|<head|<body|<!--)/i.test(trimmed)) {
    const title = /<title[^<>]*>([^<]*)/i.exec(trimmed.slice(0, 4096))?.[1] ?? "";
    return { text: shorten(redact(title)), kind: "html" };
  }
  let json: unknown;
  try {
    json = JSON.parse(trimmed);
  } catch {
    return { text: shorten(redact(trimmed)), kind: "text" };
  }
  return { ...fromJson(json, redact), kind: "json" };
}

function fromJson(json: unknown, redact: Redact): Omit<ErrorBody, "kind"> {
  const say = (value: unknown): string => shorten(redact(flatten(value)));
  if (!isObject(json)) return { text: say(json) };
  const { message, error, error_description: description, errors } = json;
  const text = say([message, description ?? error, errors].filter((part) => part !== undefined && part !== null));
  const code = typeof error === "string" ? redact(error) : undefined;
  const fields = isObject(message)
    ? fieldsOf(message, redact)
    : isObject(errors)
      ? fieldsOf(errors, redact)
      : undefined;
  const grape = fields === undefined && code !== undefined ? grapeFields(code) : undefined;
  return {
    text,
    ...(code !== undefined && { error: code }),
    ...((fields ?? grape) && { fields: fields ?? grape }),
    ...spamOf(json, text),
  };
}

function fieldsOf(messages: Record<string, unknown>, redact: Redact): Record<string, string[]> | undefined {
  const entries = Object.entries(messages)
    .slice(0, maxFields)
    .map(([field, value]): [string, string[]] => [
      shorten(redact(field)),
      (Array.isArray(value) ? value.slice(0, maxFields) : [value]).map((part) => shorten(redact(flatten(part)))),
    ]);
  // `fromEntries` defines properties: a field called `__proto__` stays a field.
  return entries.length > 0 ? Object.fromEntries(entries) : undefined;
}

/** Grape's validation errors are one string: `title is missing, labels is invalid`. */
function grapeFields(error: string): Record<string, string[]> | undefined {
  const fields = new Map<string, string[]>();
  for (const part of error.split(", ").slice(0, maxFields)) {
    const match = /^([\w[\]]+(?:, [\w[\]]+)*) ((?:is|does|do|must|has|have|should|are)\b.*)$/.exec(part);
    if (!match?.[1] || !match[2]) return undefined;
    fields.set(match[1], [...(fields.get(match[1]) ?? []), shorten(match[2])]);
  }
  return Object.fromEntries(fields);
}

function spamOf(json: Record<string, unknown>, text: string): Pick<ErrorBody, "spam"> {
  const inner = isObject(json["message"]) ? json["message"] : {};
  const captcha = Boolean(json["needs_captcha_response"] ?? inner["needs_captcha_response"]);
  return captcha || /(?:recogni[sz]ed|detected|flagged) as spam/i.test(text) ? { spam: { captcha } } : {};
}

function flatten(value: unknown, depth = 0): string {
  if (typeof value === "string") return value;
  if (value === undefined || value === null) return "";
  if (typeof value !== "object") return JSON.stringify(value);
  if (depth >= maxDepth) return "…";
  const parts = Array.isArray(value)
    ? value.slice(0, maxFields).map((part) => flatten(part, depth + 1))
    : Object.entries(value)
        .slice(0, maxFields)
        .map(([field, part]) =>
          noField.has(field) ? flatten(part, depth + 1) : `${field}: ${flatten(part, depth + 1)}`,
        );
  return parts.filter((part) => part !== "").join("; ");
}

function shorten(text: string): string {
  const line = text.replace(/\s+/g, " ").trim();
  return line.length > maxWords ? `${line.slice(0, maxWords).toWellFormed()}…` : line.toWellFormed();
}
