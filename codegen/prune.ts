import { isObject } from "../src/is-object.js";
import { lookUp, operations, referencePath, type OpenApiDocument, type PathItem } from "./openapi.js";
import { compare } from "./problem.js";
import { walk, withoutProse } from "./structure.js";

/**
 * The part of a document that the given operations need: they, all that they reference, and no prose. Depends on
 * nothing else in the document, so that a larger one gives the same result.
 */
export function prune(document: OpenApiDocument, operationIds: ReadonlySet<string>): OpenApiDocument {
  const paths: Record<string, Record<string, unknown>> = {};
  for (const { path, item, method, operation } of operations(document)) {
    if (operation.operationId === undefined || !operationIds.has(operation.operationId)) continue;
    // GET and HEAD have no body by HTTP (RFC 9110, section 9.3): what a document declares there means nothing.
    const { requestBody, ...bodiless } = operation;
    const kept = method === "get" || method === "head" || requestBody === undefined ? bodiless : operation;
    const own: Record<string, unknown> = (paths[path] ??= item.parameters ? { parameters: item.parameters } : {});
    own[method] = kept;
  }
  const components = referenced(document, paths);
  const { title, version, license } = document.info;
  const pruned = {
    openapi: document.openapi,
    info: { title, version, ...(license && { license }) },
    paths,
    ...(Object.keys(components).length > 0 && { components }),
  };
  return withoutProse(pruned, "document") as OpenApiDocument;
}

/** Components that some paths reference, directly or through others. */
function referenced(
  document: OpenApiDocument,
  paths: Record<string, Record<string, unknown>>,
): Record<string, Record<string, unknown>> {
  const found: Record<string, Record<string, unknown>> = {};
  const queue: string[] = [];
  const note = (node: Record<string, unknown>): void => {
    if (typeof node["$ref"] === "string") queue.push(node["$ref"]);
  };
  for (const item of Object.values(paths)) walk(item satisfies PathItem, "pathItem", [], note);
  for (let reference = queue.pop(); reference !== undefined; reference = queue.pop()) {
    const [root, section, name] = referencePath(reference) ?? [];
    if (root !== "components" || section === undefined || name === undefined) continue;
    const kept = (found[section] ??= {});
    if (Object.hasOwn(kept, name)) continue;
    const target = lookUp(document, [root, section, name]);
    if (!isObject(target)) continue;
    kept[name] = target;
    walk({ [section]: { [name]: target } }, "components", [], note);
  }
  const sections = Object.entries(found).sort(([a], [b]) => compare(a, b));
  return Object.fromEntries(sections);
}
