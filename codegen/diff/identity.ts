import { operations, type OpenApiDocument, type Operation, type PathItem } from "../openapi.js";

/** An operation that goes by another operationId, or is found elsewhere, than before. */
export interface Renaming {
  readonly from: string;
  readonly to: string;
}

export interface Aligned {
  /** The newer document with the older one's operationIds. */
  readonly document: OpenApiDocument;
  /** By the older operationId. */
  readonly renamed: ReadonlyMap<string, string>;
}

/**
 * The newer document, with the operationIds that the older one has for the same method and path: an operation is what
 * is sent, and not what the document calls it. What placeholders are called makes no difference either.
 */
export function aligned(before: OpenApiDocument, after: OpenApiDocument): Aligned {
  const exact = new Map<string, string>();
  const shapes = new Map<string, string[]>();
  for (const {
    path,
    method,
    operation: { operationId },
  } of operations(before)) {
    if (operationId === undefined) continue;
    exact.set(requestOf(method, path), operationId);
    const shape = shapeOf(method, path);
    shapes.set(shape, [...(shapes.get(shape) ?? []), operationId]);
  }
  const own = [...operations(after)];
  const found = new Map<Operation, string>();
  const identified = new Set<string>();
  const identify = (operation: Operation, id: string | undefined): void => {
    if (id === undefined || identified.has(id) || found.has(operation)) return;
    found.set(operation, id);
    identified.add(id);
  };
  for (const { path, method, operation } of own) identify(operation, exact.get(requestOf(method, path)));
  for (const { path, method, operation } of own) {
    const [id, ...others] = shapes.get(shapeOf(method, path)) ?? [];
    if (others.length === 0) identify(operation, id);
  }
  // The same name at another path: it has moved, where its old place is empty.
  for (const { operation } of own) identify(operation, operation.operationId);

  const renamed = new Map<string, string>();
  const paths: Record<string, PathItem> = {};
  for (const [path, item] of Object.entries(after.paths)) paths[path] = { ...item };
  for (const { path, method, operation } of own) {
    const { operationId } = operation;
    const id = found.get(operation) ?? free(operationId, identified);
    if (id === undefined || id === operationId) continue;
    if (operationId !== undefined && found.has(operation)) renamed.set(id, operationId);
    paths[path] = { ...paths[path], [method]: { ...operation, operationId: id } };
  }
  return { document: { ...after, paths }, renamed };
}

/** A name that no operation of the older document has. */
function free(operationId: string | undefined, identified: ReadonlySet<string>): string | undefined {
  let id = operationId;
  while (id !== undefined && identified.has(id)) id += "_";
  return id;
}

/** `(-/)` is a router's notation for an optional part. */
const requestOf = (method: string, path: string): string => `${method.toUpperCase()} ${path.replaceAll("(-/)", "")}`;

/** What a request looks like, whatever its placeholders are called. */
function shapeOf(method: string, path: string): string {
  return requestOf(method, path).replace(/\{[^}]*\}/g, "{}");
}
