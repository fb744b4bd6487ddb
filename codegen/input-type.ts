import { resolve, type OpenApiDocument, type Schema } from "./openapi.js";
import type { Facts, InputType, PropertyModel } from "./model.js";

/** What a schema means as a tool's input. */
export interface InputContext {
  readonly document: OpenApiDocument;
  /** Says what was assumed or left out. */
  readonly note: (message: string) => void;
}

/** Deeper nesting (or a schema that contains itself) is taken as it comes. */
const maxDepth = 8;

/** The input type of a schema of the specification. Nothing is lost in silence: what is not understood is noted. */
export function inputType(context: InputContext, declared: Schema, depth = 0): InputType {
  const schema = merged(context, declared);
  const facts = factsOf(schema);
  if (depth > maxDepth) {
    context.note("is nested too deeply (or contains itself): any value is taken below");
    return { kind: "value", facts: {} };
  }
  const variants = schema.oneOf ?? schema.anyOf;
  if (variants) return alternatives(context, variants, facts, depth);
  switch (schema.type) {
    case "integer":
      return withEnum(schema, facts) ?? { kind: "integer", facts };
    case "number":
      return { kind: "number", facts };
    case "boolean":
      return { kind: "boolean", facts };
    case "string":
      return withEnum(schema, facts) ?? stringType(schema, facts);
    case "array":
      return listOf(context, schema, facts, depth);
    case "object":
      return objectType(context, schema, facts, depth);
    default:
      if (schema.properties) return objectType(context, schema, facts, depth);
      if (schema.items) return listOf(context, schema, facts, depth);
      if (schema.enum) return withEnum({ ...schema, type: "string" }, facts) ?? { kind: "value", facts };
      context.note("has no type in the specification: any value is taken");
      return { kind: "value", facts };
  }
}

/** Follows references and flattens `allOf`. */
export function merged(context: Pick<InputContext, "document">, declared: Schema, depth = 0): Schema {
  const schema = resolve<Schema>(context.document, declared.$ref === undefined ? declared : { $ref: declared.$ref });
  if (!schema.allOf || depth > maxDepth) return schema;
  const { allOf, ...own } = schema;
  return [...allOf.map((part) => merged(context, part, depth + 1)), own].reduce<Schema>(
    (all, part) => ({
      ...all,
      ...part,
      ...((all.properties ?? part.properties) && { properties: { ...all.properties, ...part.properties } }),
      ...((all.required ?? part.required) && { required: [...(all.required ?? []), ...(part.required ?? [])] }),
    }),
    {},
  );
}

function stringType(schema: Schema, facts: Facts): InputType {
  if (schema.format === "date-time") return { kind: "dateTime", facts };
  if (schema.format === "binary") return { kind: "file", facts };
  if (schema.format === "date") return { kind: "date", facts };
  return { kind: "text", facts };
}

/** `""` and null are left out: an empty parameter is one that is not given. */
function withEnum(schema: Schema, facts: Facts): InputType | undefined {
  const values = [...new Set(schema.enum ?? [])].filter((value) => value !== null && value !== "");
  if (schema.type === "integer") {
    const [first, ...rest] = values.map(Number);
    if (first === undefined || ![first, ...rest].every(Number.isSafeInteger)) return undefined;
    return { kind: "integerChoice", values: [first, ...rest], facts };
  }
  const [first, ...rest] = values.map(String);
  return first === undefined ? undefined : { kind: "choice", values: [first, ...rest], facts };
}

function listOf(context: InputContext, schema: Schema, facts: Facts, depth: number): InputType {
  if (!schema.items) context.note("is a list without items in the specification: text is taken");
  const item = schema.items ? inputType(context, schema.items, depth + 1) : ({ kind: "text", facts: {} } as const);
  const scalar = !["list", "array", "object", "record", "value"].includes(item.kind);
  return { kind: scalar ? "list" : "array", item: withoutFacts(item), facts };
}

/** A list's items say nothing of their own; their bounds stay. */
function withoutFacts(item: InputType): InputType {
  const { description: _description, default: _default, ...bounds } = item.facts;
  return { ...item, facts: bounds };
}

function objectType(context: InputContext, schema: Schema, facts: Facts, depth: number): InputType {
  const named = Object.entries(schema.properties ?? {});
  if (named.length > 0) {
    const properties = named.map(([name, property]): PropertyModel => ({
      name,
      required: schema.required?.includes(name) ?? false,
      ...(merged(context, property).nullable === true && { nullable: true as const }),
      type: inputType(context, property, depth + 1),
    }));
    return { kind: "object", properties, facts };
  }
  const extra = schema.additionalProperties;
  const value: InputType =
    typeof extra === "object" && Object.keys(extra).length > 0
      ? withoutFacts(inputType(context, extra, depth + 1))
      : { kind: "value", facts: {} };
  return { kind: "record", value, facts };
}

/** One of several types: the widest word that all of them fit. */
function alternatives(context: InputContext, variants: Schema[], outer: Facts, depth: number): InputType {
  const types = variants.map((variant) => inputType(context, variant, depth + 1));
  const facts = { ...types.find(({ facts }) => facts.default !== undefined)?.facts, ...outer };
  const list = types.find((type) => type.kind === "list" || type.kind === "array");
  if (list && "item" in list) {
    const words = types.find((type) => type.kind === "choice");
    return { kind: list.kind, item: words ? withoutFacts(words) : list.item, facts: outer };
  }
  const [only] = types;
  if (only && types.every(({ kind }) => kind === only.kind)) {
    if (only.kind !== "choice") return { ...only, facts };
    const more = types.flatMap((type) => (type.kind === "choice" ? type.values : []));
    return {
      kind: "choice",
      values: [only.values[0], ...new Set(more.filter((word) => word !== only.values[0]))],
      facts,
    };
  }
  if (types.every(({ kind }) => ["integer", "integerChoice", "number"].includes(kind)))
    return { kind: "number", facts };
  const textual = ["integer", "integerChoice", "number", "boolean", "text", "choice", "date", "dateTime"];
  if (types.every(({ kind }) => textual.includes(kind))) {
    const { minimum: _minimum, maximum: _maximum, ...words } = facts;
    const numeric = types.some(({ kind }) => ["integer", "integerChoice", "number"].includes(kind));
    return { kind: "text", ...(numeric && { numeric: true as const }), facts: words };
  }
  context.note("is one of several types that have nothing in common: any value is taken");
  return { kind: "value", facts: outer };
}

function factsOf(schema: Schema): Facts {
  const { default: assumed, minimum, maximum, minLength, maxLength, minItems, maxItems, pattern } = schema;
  const known = typeof assumed === "string" || typeof assumed === "number" || typeof assumed === "boolean";
  return {
    ...(known && assumed !== "" && { default: fitting(schema.type, assumed) }),
    ...(minimum !== undefined && { minimum }),
    ...(maximum !== undefined && { maximum }),
    ...(minLength !== undefined && minLength > 0 && { minLength }),
    ...(maxLength !== undefined && { maxLength }),
    ...(minItems !== undefined && minItems > 0 && { minItems }),
    ...(maxItems !== undefined && { maxItems }),
    ...(pattern !== undefined && { pattern }),
  };
}

/** A default in its parameter's own type, where the specification quotes a number or a boolean. */
function fitting(type: string | undefined, value: string | number | boolean): string | number | boolean {
  if (
    (type === "integer" || type === "number") &&
    typeof value === "string" &&
    value.trim() !== "" &&
    !Number.isNaN(Number(value))
  )
    return Number(value);
  if (type === "boolean" && (value === "true" || value === "false")) return value === "true";
  return type === "string" ? String(value) : value;
}
