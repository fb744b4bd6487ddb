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
  const batch = Array.isArray(body);
  const tools: string[] = [];
  const requests = new Set<string | number>();
  const cancelled: (string | number)[] = [];
  let [initializes, listens, streams] = [false, false, batch];
  for (const message of all) {
    const [method, id, params] = [part(message, "method"), part(message, "id"), part(message, "params")];
    if (isId(id)) requests.add(id);
    if (method === "initialize") initializes = true;
    if (method === "subscriptions/listen") listens = streams = true;
    if (part(part(params, "_meta"), "progressToken") !== undefined) streams = true;
    const [name, requestId] = [part(params, "name"), part(params, "requestId")];
    if (method === "tools/call" && typeof name === "string") tools.push(name);
    if (method === "notifications/cancelled" && isId(requestId)) cancelled.push(requestId);
  }
  return { body, batch, count: all.length, initializes, listens, streams, tools, requests, cancelled };
}

const part = (of: unknown, name: string): unknown =>
  typeof of === "object" && of !== null ? Reflect.get(of, name) : undefined;

const isId = (id: unknown): id is string | number => typeof id === "string" || typeof id === "number";
