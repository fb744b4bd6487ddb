import type { Operation } from "./document.js";

/** A place in the API: an operation of the document, or one that the emulator answers on top of it. */
export interface Route {
  readonly operation: Operation;
  readonly pattern: RegExp;
  readonly names: readonly string[];
}

export type Match =
  | { readonly route: Route; readonly path: Readonly<Record<string, string>> }
  /** The path is there, the method is not. */
  | { readonly allowed: readonly string[] }
  | undefined;

export const makeRoutes = (operations: readonly Operation[]): Route[] =>
  operations
    .map((operation) => {
      const names: string[] = [];
      const pattern = operation.path
        // The router's notation of an optional part; without it in the document clients still may use `-/`.
        .replace(/\/(?:\(-\/\))?search$/, "/SEARCH")
        .split("/")
        .map((segment) => {
          const name = /^\{(.+)\}$/.exec(segment)?.[1];
          if (name === undefined) return segment.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
          names.push(name);
          return "([^/]+)";
        })
        .join("/")
        .replace("/SEARCH", "/(?:-/)?search");
      return { operation, names, pattern: new RegExp(`^${pattern}/?$`) };
    })
    // `/personal_access_tokens/self` before `/personal_access_tokens/{id}`.
    .sort((a, b) => a.names.length - b.names.length);

/** Finds the route of a path as it stands in the request line; its parameters are decoded once, here. */
export function matchRoute(routes: readonly Route[], method: string, rawPath: string): Match {
  const allowed: string[] = [];
  for (const route of routes) {
    const match = route.pattern.exec(rawPath);
    if (match === null) continue;
    if (route.operation.method !== method) {
      allowed.push(route.operation.method);
      continue;
    }
    const values = match.slice(1).map(decodeSegment);
    return { route, path: Object.fromEntries(route.names.map((name, index) => [name, values[index] ?? ""])) };
  }
  return allowed.length > 0 ? { allowed } : undefined;
}

/** A `%` that starts no escape sequence stands for itself. */
export function decodeSegment(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}
