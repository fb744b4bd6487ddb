/** A response before it is one: what the server sends, and what faults take apart. */
export interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Uint8Array<ArrayBuffer> | Iterable<string> | null;
}

const encoder = new TextEncoder();

export const jsonReply = (status: number, body: unknown, headers: Readonly<Record<string, string>> = {}): Reply => ({
  status,
  headers: { "content-type": "application/json", ...headers },
  body: JSON.stringify(body),
});

export const textReply = (
  status: number,
  body: string,
  headers: Readonly<Record<string, string>> = {},
  contentType = "text/plain",
): Reply => ({ status, headers: { "content-type": contentType, ...headers }, body });

/** The whole body at once. */
export function bodyBytes({ body }: Reply): Uint8Array<ArrayBuffer> {
  if (body === null) return new Uint8Array();
  if (typeof body === "string") return encoder.encode(body);
  return body instanceof Uint8Array ? body : encoder.encode([...body].join(""));
}
