import type { Session } from "../sessions/sessions.js";
import type { McpOperation } from "./operations.js";

/** One HTTP request that has been answered, as a log may keep it: no token, no code, no argument and no answer. */
export interface McpRequest {
  readonly method: string;
  /** Without its query: a person who signs in has a code there. */
  readonly path: string;
  readonly status: number;
  /** Until the answer was complete, in milliseconds. */
  readonly durationMs: number;
  /** Whose request it was; absent where nobody was let in, and for the pages of signing in. */
  readonly session?: Pick<Session, "connectionName" | "identifier" | "sessionId">;
  /** What was asked for in it. */
  readonly operations: readonly McpOperation[];
}

/** Follows one request to the end of its answer. */
export interface RequestWatch {
  readonly session: (session: Session) => void;
  readonly operation: (operation: McpOperation) => void;
  /** The answer has a body that {@link bodyEnded} tells the end of. */
  readonly bodyBegins: (status: number) => void;
  readonly bodyEnded: () => void;
  /** The answer is complete, unless its end is to be told. */
  readonly closes: (status: number) => void;
}

const longestPath = 200;

export function watchRequest(request: Request, report?: (request: McpRequest) => void): RequestWatch {
  const began = performance.now();
  const operations: McpOperation[] = [];
  let session: McpRequest["session"];
  let status: number | undefined;
  let reported = false;

  function end(code: number): void {
    if (reported || !report) return;
    reported = true;
    const path = new URL(request.url).pathname.slice(0, longestPath);
    const durationMs = Math.round((performance.now() - began) * 10) / 10;
    report({ method: request.method, path, status: code, durationMs, ...(session && { session }), operations });
  }

  return {
    session({ connectionName, identifier, sessionId }) {
      session = { connectionName, identifier, sessionId };
    },
    operation: (operation) => void operations.push(operation),
    bodyBegins: (code) => void (status = code),
    bodyEnded() {
      if (status !== undefined) end(status);
    },
    closes(code) {
      if (status === undefined) end(code);
    },
  };
}
