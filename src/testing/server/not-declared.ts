import { jsonReply, type Reply } from "./reply.js";
import type { Operation } from "./document.js";

/**
 * What the emulator says when it has no answer. A status that GitLab does not send, in words that name the emulator:
 * nobody is to take it for a refusal of GitLab's.
 */
export function notDeclared(
  method: string,
  path: string,
  operation: Operation | undefined,
  allowed: readonly string[] = [],
): Reply {
  const place = (operation?.path ?? path).replace(/^\/api\/v4/, "");
  const known = allowed.length > 0 ? ` (it has ${allowed.join(", ")} there)` : "";
  const what = operation === undefined ? `${method} ${place}` : `${operation.operationId}, ${method} ${place}`;
  return jsonReply(
    501,
    {
      message:
        `501 The GitLab emulator has no answer to ${what}${known}. This is no answer of GitLab's. ` +
        `Declare one in your test: emulator.on("${method}", "${place}", () => ({ status: 200, body: {} }))`,
    },
    { "x-emulator": "not-declared" },
  );
}

/**
 * A project that is named by neither a number nor a path with `/` is never looked up, so that no route below it can
 * exist: the path was not encoded, and GitLab answers that there is no such route.
 */
export const isUnencodedProjectPath = (path: string): boolean =>
  /^\/api\/v4\/projects\/(?!\d+(?:\/|$))(?!(?:[^/]|%2F)*%2F)[^/]+\/./i.test(path);
