/** What a request's body holds, as far as the endpoint itself needs to know. */
export interface Messages {
  readonly body: unknown;
  readonly initializes: boolean;
  /** The id that waits for an answer, if any. */
  readonly requests: ReadonlySet<string | number>;
  /** Ids of earlier requests that the client no longer wants answered. */
  readonly cancelled: readonly (string | number)[];
}

/** Reads a JSON-RPC message loosely: the transport checks it. `undefined` for what is not JSON. */
export function messagesOf(text: string): Messages | undefined {
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    return undefined;
  }
  const method = part(body, "method");
  return {
    body,
    initializes: method === "initialize",
    requests: new Set([part(body, "id")].filter(isId)),
    cancelled: (method === "notifications/cancelled" ? [part(part(body, "params"), "requestId")] : []).filter(isId),
  };
}

const part = (of: unknown, name: string): unknown =>
  typeof of === "object" && of !== null ? Reflect.get(of, name) : undefined;

const isId = (id: unknown): id is string | number => typeof id === "string" || typeof id === "number";
