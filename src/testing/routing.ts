import { allHandlers, resourceRoutes } from "./all-handlers.js";
import { loadDocument, type ApiDocument } from "./server/document.js";
import { makeEndpoints, routesOf, type Endpoint } from "./server/endpoints.js";
import type { Routes } from "./server/routes.js";

/** The specification, and what answers its operations. */
export interface Routing {
  readonly document: ApiDocument;
  readonly endpoints: readonly Endpoint[];
  readonly routes: Routes<Endpoint>;
}

let made: Routing | undefined;

/** Worked out when the first request arrives, once for all emulators of a process. */
export function routing(): Routing {
  if (made !== undefined) return made;
  const document = loadDocument();
  const endpoints = makeEndpoints(document, { special: allHandlers, resources: resourceRoutes });
  made = { document, endpoints, routes: routesOf(endpoints) };
  return made;
}
