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

/**
 * 401 as RFC 6750, section 3 wants it: no error code when no token was given at all.
 *
 * @param where people sign in, where they can: `resource_metadata` (RFC 9728, section 5.1) and `scope`
 */
export function unauthorized(hasToken: boolean, where?: string): Response {
  const again = where ? "Sign in again." : "Ask the application that gave it for a new one.";
  const message = hasToken
    ? `This session is unknown, expired or revoked. ${again}`
    : where
      ? "Sign in with GitLab first."
      : "Send a session as Authorization: Bearer …; the application that runs this server mints it.";
  const parts = [realm, ...(hasToken ? ['error="invalid_token"', `error_description="${message}"`] : []), where ?? []];
  return refuse(401, message, { headers: { "WWW-Authenticate": parts.flat().join(", ") } });
}

/** 403 for a tool that the person has not allowed this client: it may ask them for more (RFC 6750, section 3.1). */
export function insufficient(
  { name, access }: { readonly name: string; readonly access: string },
  where: string,
): Response {
  const message = `${name} needs the scope gitlab:${access}, which the person has not allowed yet.`;
  const challenge = `${realm}, error="insufficient_scope", error_description="${message}", ${where}`;
  return refuse(403, message, { headers: { "WWW-Authenticate": challenge } });
}
