import { isObject } from "../src/is-object.js";
import { lookUp, operations, type OpenApiDocument } from "./openapi.js";

/**
 * What GitLab does not always send it may also send as null: entities leave a field out or empty it by version, edition
 * and plan, and the document says neither. In answers, "not required" therefore means "or null". Changes the document.
 */
export function allowNullInAnswers(document: OpenApiDocument): void {
  const asked = new Set<unknown>();
  for (const { operation } of operations(document)) {
    visit(document, operation.requestBody, asked, () => undefined);
    visit(document, operation.parameters, asked, () => undefined);
  }
  const seen = new Set<unknown>(asked);
  for (const { operation } of operations(document)) visit(document, operation.responses, seen, allowNull);
}

type Visitor = (schema: Record<string, unknown>) => void;

/** Everything below a value and behind its references, each once. */
function visit(document: OpenApiDocument, value: unknown, seen: Set<unknown>, visitor: Visitor): void {
  if (typeof value !== "object" || value === null || seen.has(value)) return;
  seen.add(value);
  if (!isObject(value)) {
    for (const part of Object.values(value)) visit(document, part, seen, visitor);
    return;
  }
  const reference = value["$ref"];
  if (typeof reference === "string")
    visit(document, lookUp(document, reference.replace(/^#\//, "").split("/")), seen, visitor);
  for (const part of Object.values(value)) visit(document, part, seen, visitor);
  visitor(value);
}

function allowNull(schema: Record<string, unknown>): void {
  const { properties, required } = schema;
  if (!isObject(properties)) return;
  const always = new Set<unknown>(Array.isArray(required) ? required : []);
  for (const [name, property] of Object.entries(properties)) {
    if (always.has(name) || !isObject(property) || property["nullable"] === true) continue;
    // A reference hides what stands beside it.
    properties[name] =
      typeof property["$ref"] === "string" ? { nullable: true, allOf: [property] } : { ...property, nullable: true };
  }
}
