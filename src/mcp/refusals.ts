/** An answer that refuses a request before anything is done for it, in JSON-RPC's words (JSON-RPC 2.0, section 5.1). */
export function refuse(
  status: number,
  message: string,
  options: { readonly code?: number; readonly headers?: Readonly<Record<string, string>> } = {},
): Response {
  const { code = -32_000, headers } = options;
  return Response.json(
    { jsonrpc: "2.0", error: { code, message }, id: null },
    { status, headers: { "Cache-Control": "no-store", ...headers } },
  );
}

const realm = 'Bearer realm="gitlab-agent-tools"';

/** 401 as RFC 6750, section 3 wants it: no error code when no token was given at all. */
export function unauthorized(given: boolean): Response {
  const message = given
    ? "This session is unknown, expired or revoked. Ask the application that gave it for a new one."
    : "Send a session as Authorization: Bearer …; the application that runs this server mints it.";
  const challenge = given ? `${realm}, error="invalid_token", error_description="${message}"` : realm;
  return refuse(401, message, { headers: { "WWW-Authenticate": challenge } });
}
