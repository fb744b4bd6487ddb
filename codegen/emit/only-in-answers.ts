import { isObject } from "../../src/is-object.js";
import { operations, type OpenApiDocument } from "../openapi.js";

const ofComponents = /^#\/components\/schemas\/([^/]+)/;

/**
 * Whether a place of the document is part of answers and of no request: there, enums say what has been seen and not what
 * is taken.
 */
export function onlyInAnswers(document: OpenApiDocument): (path: string) => boolean {
  const schemas: Readonly<Record<string, unknown>> = document.components?.schemas ?? {};
  const sent = new Set<string>();
  const visit = (part: unknown): void => {
    if (Array.isArray(part)) part.forEach(visit);
    if (!isObject(part)) return;
    const name = typeof part["$ref"] === "string" ? ofComponents.exec(part["$ref"])?.[1] : undefined;
    if (name !== undefined && !sent.has(name)) {
      sent.add(name);
      visit(schemas[name]);
    }
    Object.values(part).forEach(visit);
  };
  for (const { item, operation } of operations(document))
    visit([item.parameters, operation.parameters, operation.requestBody]);
  const { schemas: _, responses: __, ...others } = { ...document.components };
  visit(others);
  return (path) => {
    const name = ofComponents.exec(path)?.[1];
    return name === undefined ? path.includes("/responses/") : !sent.has(name);
  };
}
