import type { ApiDocument, Schema } from "../../server/document.js";

type Values = Readonly<Record<string, unknown>>;

/**
 * An answer with every field that its schema has: what is known, and for the rest null, false, nothing or the empty text.
 * Known fields that the schema lacks are left out, so that a record may hold more than it tells.
 */
export function fill(document: ApiDocument, schema: Schema | undefined, known: Values): Values {
  if (schema === undefined) return known;
  const { properties } = document.merged(schema);
  if (properties === undefined) return known;
  return Object.fromEntries(
    Object.entries(properties).flatMap(([name, property]) => {
      if (known[name] !== undefined) return [[name, known[name]]];
      const value = blank(document, property);
      return value === undefined ? [] : [[name, value]];
    }),
  );
}

function blank(document: ApiDocument, property: Schema): unknown {
  const schema = document.merged(property);
  if (schema.nullable === true) return null;
  switch (schema.type) {
    case "boolean":
      return false;
    case "array":
      return [];
    case "integer":
    case "number":
      return 0;
    case "string":
      return schema.enum?.[0] ?? (schema.format === undefined ? "" : undefined);
    default:
      return undefined;
  }
}

/** A value as text; undefined for what is neither text nor a number. */
export const wordOf = (value: unknown): string | undefined =>
  typeof value === "string"
    ? value
    : typeof value === "number" || typeof value === "boolean"
      ? String(value)
      : undefined;

/** A parameter in the type that the document gives it: forms send everything as text. */
export function coerce(schema: Schema, value: unknown): unknown {
  if (value === null || typeof value === "object") return value;
  const text = wordOf(value) ?? "";
  switch (schema.type) {
    case "boolean":
      return ["true", "1", "t", "on", "y", "yes"].includes(text.toLowerCase());
    case "integer":
    case "number":
      return text === "" ? null : Number(text);
    case "array":
      return text === "" ? [] : text.split(",").map((entry) => coerce(schema.items ?? {}, entry));
    case "string":
      return text;
    default: {
      const either = schema.oneOf ?? schema.anyOf;
      return either?.some(({ type }) => type === "integer") === true && /^\d+$/.test(text) ? Number(text) : value;
    }
  }
}
