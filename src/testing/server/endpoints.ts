import type { Handler, Handlers } from "./handler.js";
import type { ApiDocument, Operation } from "./document.js";
import { Routes } from "./routes.js";

/** How an operation is answered. */
export type Served = "resource" | "special" | "generated" | "not-declared";

/** An operation and what answers it. */
export interface Endpoint {
  readonly operation: Operation;
  readonly served: Served;
  readonly handler: Handler | undefined;
  /** The path parameters as the handler calls them. */
  readonly names: readonly string[];
}

/** What answers the operations of the API: written for it, or declared as data. */
export interface Answering {
  readonly special: Handlers;
  readonly resources: Handlers;
}

/** Every operation of the document, and those that the emulator has beyond it. */
export function makeEndpoints(document: ApiDocument, answering: Answering): Endpoint[] {
  const byShape = new Map<string, { handler: Handler; served: Served; path: string; method: string }>();
  for (const served of ["resource", "special"] as const) {
    const handlers = served === "resource" ? answering.resources : answering.special;
    for (const [place, handler] of Object.entries(handlers)) {
      const [method = "", path] = place.split(" ");
      if (path === undefined) continue;
      byShape.set(shapeOf(method, path), { handler, served, path, method });
    }
  }
  const endpoints = document.operations.map((operation): Endpoint => {
    const shape = shapeOf(operation.method, operation.path);
    const found = byShape.get(shape);
    byShape.delete(shape);
    const special = answering.special[operation.operationId];
    if (special !== undefined) return { operation, served: "special", handler: special, names: [] };
    if (found !== undefined) return { operation, ...found, names: namesOf(found.path) };
    const readable = operation.method === "GET" && operation.answer?.schema !== undefined;
    return { operation, served: readable ? "generated" : "not-declared", handler: undefined, names: [] };
  });
  for (const { method, path, handler, served } of byShape.values()) {
    endpoints.push({ operation: beyond(method, path), served, handler, names: [] });
  }
  return endpoints;
}

export function routesOf(endpoints: readonly Endpoint[]): Routes<Endpoint> {
  const routes = new Routes<Endpoint>();
  for (const endpoint of endpoints) {
    const { method, path } = endpoint.operation;
    // Searches keep their second spelling where the document has lost it.
    routes.add(method, path.replace(/(\{\w+\})\/search$/, "$1/(-/)search"), endpoint);
  }
  return routes;
}

/** The path's parameters by the document's names, and by those that the handler uses. */
export function pathOf(
  { operation, names }: Endpoint,
  path: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
  if (names.length === 0) return path;
  const values = namesOf(operation.path).map((name) => path[name] ?? "");
  return { ...path, ...Object.fromEntries(names.map((name, index) => [name, values[index] ?? ""])) };
}

const namesOf = (path: string): string[] => [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name ?? "");

const shapeOf = (method: string, path: string): string =>
  `${method} ${path
    .replace(/^\/api\/v4/, "")
    .replace("(-/)", "")
    .replace(/\{[^}]+\}/g, "{}")}`;

/** An operation that the document does not have, called as GitLab would call it. */
function beyond(method: string, path: string): Operation {
  const words = path.split(/[/_{}\-()]+/).filter((word) => word !== "");
  const id = words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join("");
  return {
    operationId: `${method.toLowerCase()}ApiV4${id}`,
    method,
    path: `/api/v4${path}`,
    parameters: namesOf(path).map((name) => ({
      name,
      in: "path" as const,
      required: true,
      schema: { type: name !== "id" && /(?:^|_)i?id$/.test(name) && name !== "discussion_id" ? "integer" : "string" },
    })),
  };
}
