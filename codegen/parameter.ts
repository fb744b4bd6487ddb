import { inputType, merged, type InputContext } from "./input-type.js";
import type { InputType, ParameterModel, PropertyModel } from "./model.js";
import {
  resolve,
  type Method,
  type OpenApiDocument,
  type Operation,
  type Parameter,
  type PathItem,
  type RequestBody,
  type Schema,
} from "./openapi.js";

/** A parameter as GitLab has it, before the manifest says how it is called. */
export type WireParameter = Pick<ParameterModel, "wire" | "in" | "list" | "keyword" | "required" | "nullable" | "type">;

export interface OperationPlace {
  readonly document: OpenApiDocument;
  readonly path: string;
  readonly item: PathItem;
  readonly method: Method;
  readonly operation: Operation;
}

/**
 * All parameters of an operation: of the path, the query and the body, in that order. `separate` names bracketed ones
 * (`filter[environment_scope]`) that stay parameters of their own.
 */
export function wireParameters(
  place: OperationPlace,
  separate: ReadonlySet<string>,
  note: (message: string) => void,
): WireParameter[] {
  const { document } = place;
  const all = resolvedParameters(place);
  const context = (wire: string): InputContext => ({
    document,
    note: (message) => note(`parameter "${wire}" ${message}`),
  });
  const ignored = all.filter((parameter) => !["path", "query"].includes(parameter.in));
  for (const parameter of ignored) note(`parameter "${parameter.name}" is sent in the ${parameter.in}: left out`);
  return [
    ...pathParameters(
      place.path,
      all.filter((parameter) => parameter.in === "path"),
      context,
      note,
    ),
    ...joinBracketed(
      all.filter((parameter) => parameter.in === "query"),
      separate,
      context,
    ),
    ...bodyParameters(place, context, note),
  ];
}

/** Parameters of the path and the operation; the operation's own win (OpenAPI 3.0, "Path Item Object"). */
function resolvedParameters({ document, item, operation }: OperationPlace): Parameter[] {
  const declared = new Map<string, Parameter>();
  for (const entry of [...(item.parameters ?? []), ...(operation.parameters ?? [])]) {
    const parameter = resolve<Parameter>(document, entry);
    declared.set(`${parameter.in} ${parameter.name}`, parameter);
  }
  return [...declared.values()];
}

const schemaOf = (parameter: Parameter): Schema =>
  parameter.schema ?? Object.values(parameter.content ?? {})[0]?.schema ?? { type: "string" };

/** One for each placeholder of the path; a parameter that is called otherwise goes to the placeholder left over. */
function pathParameters(
  path: string,
  declared: readonly Parameter[],
  context: (wire: string) => InputContext,
  note: (message: string) => void,
): WireParameter[] {
  const placeholders = [...path.matchAll(/\{([^}]+)\}/g)].map((match) => match[1] ?? "");
  const spare = declared.filter(({ name }) => !placeholders.includes(name));
  return placeholders.map((wire): WireParameter => {
    const parameter = declared.find(({ name }) => name === wire) ?? spare.shift();
    if (parameter === undefined) note(`placeholder {${wire}} has no parameter in the specification: text is taken`);
    else if (parameter.name !== wire) note(`placeholder {${wire}} is called "${parameter.name}" in the parameters`);
    return {
      wire,
      in: "path",
      required: true,
      type: inputType(context(wire), parameter ? schemaOf(parameter) : { type: "string" }),
    };
  });
}

function queryParameter(parameter: Parameter, context: (wire: string) => InputContext): WireParameter {
  const wire = parameter.name.replace(/\[\]$/, "");
  const schema = schemaOf(parameter);
  const type = inputType(context(wire), schema);
  const comma = parameter.style === "form" && parameter.explode === false;
  return {
    wire,
    in: "query",
    required: parameter.required ?? false,
    type,
    ...listStyle(type, comma),
    ...(isListOrKeyword(schema, type) && { keyword: true as const }),
  };
}

/** Lists, and objects that hold lists, say how they are sent. */
function listStyle(type: InputType, comma: boolean): Pick<WireParameter, "list"> {
  const holds =
    type.kind === "list" ||
    type.kind === "array" ||
    (type.kind === "object" && type.properties.some(({ type: { kind } }) => kind === "list"));
  return holds ? { list: comma ? "comma" : "brackets" } : {};
}

/** `None` and `Any`, or a list: GitLab takes the two words only when they are no list. */
function isListOrKeyword(schema: Schema, type: InputType): boolean {
  return (
    type.kind === "list" &&
    (schema.oneOf ?? schema.anyOf ?? []).some((variant) => variant.type === "string" && !variant.enum)
  );
}

/** `not[a]` and `not[b]` beside or without `not` become one object; those to be separate stay. */
function joinBracketed(
  parameters: readonly Parameter[],
  separate: ReadonlySet<string>,
  context: (wire: string) => InputContext,
): WireParameter[] {
  const result = new Map<string, WireParameter>();
  const parts = new Map<string, { readonly property: PropertyModel; readonly list?: "comma" | "brackets" }[]>();
  const hollow = new Set<string>();
  for (const parameter of parameters) {
    const match = /^([^[\]]+)\[([^[\]]+)\](?:\[\])?$/.exec(parameter.name);
    const [, base, name] = match ?? [];
    const single = queryParameter(parameter, context);
    if (base === undefined || name === undefined || separate.has(single.wire)) {
      result.set(single.wire, result.get(single.wire) ?? single);
      if (base !== undefined) hollow.add(base);
      continue;
    }
    const property = { name, required: single.required, type: single.type };
    parts.set(base, [...(parts.get(base) ?? []), { property, ...(single.list && { list: single.list }) }]);
    // Holds the place in the order, where the object itself is not declared.
    if (!result.has(base))
      result.set(base, {
        wire: base,
        in: "query",
        required: false,
        type: { kind: "object", properties: [], facts: {} },
      });
  }
  for (const [base, found] of parts) {
    const declared = result.get(base);
    const own = declared?.type.kind === "object" ? declared.type.properties : [];
    const names = new Set(found.map(({ property }) => property.name));
    const properties = [...own.filter(({ name }) => !names.has(name)), ...found.map(({ property }) => property)];
    const type: InputType = { kind: "object", properties, facts: declared?.type.facts ?? {} };
    const lists = found.flatMap(({ list }) => list ?? []);
    const comma = lists.length > 0 && lists.every((list) => list === "comma");
    result.set(base, {
      wire: base,
      in: "query",
      required: declared?.required ?? false,
      type,
      ...listStyle(type, comma),
    });
  }
  // An object whose members have all become parameters of their own says nothing more.
  for (const base of hollow) if (!parts.has(base) && result.get(base)?.type.kind === "record") result.delete(base);
  return [...result.values()];
}

function bodyParameters(
  place: OperationPlace,
  context: (wire: string) => InputContext,
  note: (message: string) => void,
): WireParameter[] {
  const { document, method, operation } = place;
  if (operation.requestBody === undefined || method === "get" || method === "head") return [];
  const content = resolve<RequestBody>(document, operation.requestBody).content ?? {};
  const contentType = ["application/json", "multipart/form-data", "application/x-www-form-urlencoded"].find(
    (type) => content[type],
  );
  const media = contentType === undefined ? Object.values(content)[0] : content[contentType];
  if (!media?.schema) return [];
  const body = merged({ document }, media.schema);
  if (!body.properties) {
    note("has a body that is not an object: left out");
    return [];
  }
  return Object.entries(body.properties).map(([wire, property]): WireParameter => {
    const schema = merged({ document }, property);
    const type = inputType(context(wire), property);
    const required = body.required?.includes(wire) ?? false;
    const nullable = schema.nullable === true && ({ nullable: true } as const);
    return { wire, in: "body", required, ...nullable, type, ...listStyle(type, schema["x-comma-separated"] === true) };
  });
}
