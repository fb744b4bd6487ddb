/** What a request's body holds, as far as the endpoint itself needs to know. */
export interface Messages {
  readonly body: unknown;
  readonly count: number;
  readonly initializes: boolean;
  /** Ids that wait for an answer. */
  readonly requests: ReadonlySet<string | number>;
  /** Ids of earlier requests that the client no longer wants answered. */
  readonly cancelled: readonly (string | number)[];
}

/** Reads JSON-RPC messages loosely: the transport checks them. `undefined` for what is not JSON. */
export function messagesOf(text: string): Messages | undefined {
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    return undefined;
  }
  const messages = [body]
    .flat()
    .map((message) => (typeof message === "object" && message !== null ? { ...message } : {}));
  const methods = messages.map((message): unknown => Reflect.get(message, "method"));
  return {
    body,
    count: messages.length,
    initializes: methods.includes("initialize"),
    requests: new Set(messages.map((message): unknown => Reflect.get(message, "id")).filter(isId)),
    cancelled: messages
      .filter((_, index) => methods[index] === "notifications/cancelled")
      .map((message): unknown => {
        const params: unknown = Reflect.get(message, "params");
        return typeof params === "object" && params !== null ? Reflect.get(params, "requestId") : undefined;
      })
      .filter(isId),
  };
}

const isId = (id: unknown): id is string | number => typeof id === "string" || typeof id === "number";
