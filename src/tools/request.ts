import type { WireRequest } from "../http/wire.js";
import type { ParameterPlace, ToolDefinition } from "./definition.js";
import { readReference } from "./reference.js";
import type { FieldProblem } from "../options/field-problems.js";
import { invalid } from "./validate.js";

type Query = Record<string, string | readonly string[]>;

/** Puts validated values where they go on the wire. References are settled against the connection's instance. */
export function toWire(
  definition: ToolDefinition,
  values: Readonly<Record<string, unknown>>,
  baseUrl: string,
  idempotent = definition.idempotent,
): WireRequest {
  const pathParameters: Record<string, string> = {};
  const query: Query = {};
  const body: Record<string, unknown> = {};
  const problems: FieldProblem[] = [];
  for (const [name, place] of Object.entries(definition.parameters)) {
    // null clears, and is sent.
    const value = values[name] === undefined ? place.fill : values[name];
    // Variables wait until what they name is known.
    if (place.in === "local" || place.in === "variable" || value === undefined) continue;
    const wireName = place.name ?? name;
    if (place.in === "path") {
      const text = plain(value);
      const read = place.ref ? readReference(place.ref, name, text, baseUrl) : { value: text };
      if ("problem" in read) problems.push(read.problem);
      else pathParameters[wireName] = read.value;
    } else if (place.in === "query") addToQuery(query, wireName, value, place);
    else body[wireName] = place.list === "comma" && Array.isArray(value) ? value.join(",") : value;
  }
  if (problems.length > 0) throw invalid(definition, problems);
  return {
    method: definition.method,
    path: definition.path,
    pathParameters,
    query,
    idempotent,
    ...(Object.keys(body).length > 0 && { body }),
  };
}

/** Lists as `a,b` or `name[]=a&name[]=b`, objects as `name[key]=…` (GitLab documentation, "REST API: encoding"). */
function addToQuery(query: Query, name: string, value: unknown, place: ParameterPlace): void {
  if (Array.isArray(value)) {
    if (value.length === 0) return;
    // None or Any alone stands for the list and is not one of its items.
    const word = place.keyword && value.length === 1 && /^(?:none|any)$/i.test(plain(value[0]));
    if (word) query[name] = plain(value[0]);
    else if (place.list === "comma") query[name] = value.map(plain).join(",");
    else query[`${name}[]`] = value.map(plain);
  } else if (typeof value === "object" && value !== null) {
    for (const [key, part] of Object.entries(value))
      if (part !== undefined) addToQuery(query, `${name}[${key}]`, part, place);
  } else query[name] = plain(value);
}

/** Text of what a schema let through at a place where only one word, number or truth value can stand. */
function plain(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}
