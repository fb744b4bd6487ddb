import { withObjectArguments } from "./object-arguments.js";

/** What a request's body holds, as far as the endpoint itself needs to know. */
export interface Messages {
  readonly body: unknown;
  /** Several messages in one body, as revisions up to 2025-03-26 have it. */
  readonly batch: boolean;
  readonly count: number;
  readonly initializes: boolean;
  /** It asks to be told of changes, for as long as it is there. */
  readonly listens: boolean;
  /** Something may have to be told before the answer, or several answers. */
  readonly streams: boolean;
  /** The tools that are called. */
  readonly tools: readonly string[];
  /** The ids that wait for an answer. */
  readonly requests: ReadonlySet<string | number>;
  /** Ids of earlier requests that the client no longer wants answered. */
  readonly cancelled: readonly (string | number)[];
}

/** Reads JSON-RPC messages loosely: the transport checks them. `undefined` for what is not JSON. */
export function messagesOf(text: string): Messages | undefined {
  let body: unknown;
  try {
    body = withObjectArguments(JSON.parse(text));
  } catch {
    return undefined;
  }
  const all: readonly unknown[] = Array.isArray(body) ? body : [body];
  const has = (method: string) => (message: unknown) => part(message, "method") === method;
  const batch = Array.isArray(body);
  const listens = all.some(has("subscriptions/listen"));
  return {
    ...{ body, batch, listens },
    count: all.length,
    initializes: all.some(has("initialize")),
    streams: batch || listens || all.some(wantsProgress),
    tools: all
      .filter(has("tools/call"))
      .map((message) => part(part(message, "params"), "name"))
      .filter((name) => typeof name === "string"),
    requests: new Set(all.map((message) => part(message, "id")).filter(isId)),
    cancelled: all
      .filter(has("notifications/cancelled"))
      .map((message) => part(part(message, "params"), "requestId"))
      .filter(isId),
  };
}

const part = (of: unknown, name: string): unknown =>
  typeof of === "object" && of !== null ? Reflect.get(of, name) : undefined;

const wantsProgress = (message: unknown): boolean =>
  part(part(part(message, "params"), "_meta"), "progressToken") !== undefined;

const isId = (id: unknown): id is string | number => typeof id === "string" || typeof id === "number";
