/** An error answer's body in one form, whatever shape GitLab or a proxy gave it. */
export interface ErrorBody {
  /** GitLab's own words, flat; empty where there were none. */
  readonly text: string;
  /** OAuth's error code (RFC 6750, section 3.1), such as `invalid_token`. */
  readonly error?: string;
  /** Messages by field, where the answer names fields. */
  readonly fields?: Readonly<Record<string, readonly string[]>>;
  readonly kind: "json" | "html" | "text" | "empty";
}

const maxWords = 500;

/** Understands every shape that error bodies come in. Never throws. */
export function parseErrorBody(body: string): ErrorBody {
  const trimmed = body.trim();
  if (trimmed === "") return { text: "", kind: "empty" };
  if (/^(?:<!doctype|<html|<\?xml|<head|<body)/i.test(trimmed)) {
    const title = /<title[^>]*>([^<]*)<\/title>/i.exec(trimmed)?.[1] ?? "";
    return { text: shorten(title), kind: "html" };
  }
  let json: unknown;
  try {
    json = JSON.parse(trimmed);
  } catch {
    return { text: shorten(trimmed), kind: "text" };
  }
  return { ...fromJson(json), kind: "json" };
}

function fromJson(json: unknown): Omit<ErrorBody, "kind"> {
  if (!isRecord(json)) return { text: shorten(flatten(json)) };
  const { message, error, error_description: description } = json;
  const code = typeof error === "string" ? error : undefined;
  if (isRecord(message)) {
    const fields = Object.fromEntries(Object.entries(message).map(([field, value]) => [field, sentences(value)]));
    return { text: shorten(flatten(message)), fields, ...(code && { error: code }) };
  }
  const said = [message, description ?? error, json["errors"]].filter((part) => part !== undefined && part !== null);
  const grape = code === undefined ? undefined : grapeFields(code);
  return {
    text: shorten(said.map(flatten).filter(Boolean).join(" ")),
    ...(code && { error: code }),
    ...(grape && { fields: grape }),
  };
}

/** Grape's validation errors are one string: `title is missing, labels is invalid`. */
function grapeFields(error: string): Record<string, string[]> | undefined {
  const fields: Record<string, string[]> = {};
  for (const part of error.split(", ")) {
    const match = /^([\w[\]]+) ((?:is|does|must|has|should|are)\b.*)$/.exec(part);
    if (!match?.[1] || !match[2]) return undefined;
    (fields[match[1]] ??= []).push(match[2]);
  }
  return fields;
}

const sentences = (value: unknown): string[] => (Array.isArray(value) ? value.map(flatten) : [flatten(value)]);

function flatten(value: unknown): string {
  if (typeof value === "string") return value;
  if (Array.isArray(value)) return value.map(flatten).join("; ");
  if (isRecord(value)) {
    return Object.entries(value)
      .map(([field, part]) => (field === "base" || field === "error" ? flatten(part) : `${field}: ${flatten(part)}`))
      .join("; ");
  }
  return typeof value === "number" || typeof value === "boolean" ? String(value) : "";
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function shorten(text: string): string {
  const line = text.replace(/\s+/g, " ").trim();
  return line.length > maxWords ? `${line.slice(0, maxWords)}…` : line;
}
