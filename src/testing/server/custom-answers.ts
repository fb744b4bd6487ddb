import type { Routes } from "./routes.js";

/** A request that a test's own answer is made for. */
export interface EmulatorRequest {
  readonly method: string;
  /** As in the request line, path prefix left out: still encoded. */
  readonly path: string;
  /** The parameters of the path by the names of its template, decoded. */
  readonly pathParameters: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  /** The parameters of the body, be it JSON or a form. */
  readonly body: Readonly<Record<string, unknown>>;
  /** The token's owner; undefined without a token. */
  readonly username: string | undefined;
}

/** What a test answers. */
export interface EmulatorAnswer {
  /** Default 200, or 204 without a body. */
  readonly status?: number;
  /** A string is sent as it is, anything else as JSON. */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Answers one operation; undefined leaves the request to the emulator. */
export type EmulatorHandler = (
  request: EmulatorRequest,
) => EmulatorAnswer | undefined | Promise<EmulatorAnswer | undefined>;

/** An answer of a test's own that was declared. */
export interface DeclaredHandler {
  remove(): void;
}

/** Adds a test's answer to the routes of all of them; a later one replaces an earlier one of the same path. */
export function declare(
  routes: Routes<EmulatorHandler>,
  method: string,
  path: string,
  handler: EmulatorHandler,
): DeclaredHandler {
  const template = `/api/v4${path.replace(/^\/?(?:api\/v4\/)?/, "/")}`;
  const verb = method.toUpperCase();
  routes.add(verb, template, handler);
  return {
    remove: () => {
      routes.remove(verb, template, handler);
    },
  };
}
