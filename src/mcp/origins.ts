import { refuse } from "./refusals.js";

/** Which web pages may use the server. Programs send no `Origin` and are not asked. */
export interface OriginRules {
  /** Origins of web pages, such as `https://app.example`. Default: none. */
  readonly allowedOrigins?: readonly string[];
  /** `Host` headers that are answered, port included. Default: all. */
  readonly allowedHosts?: readonly string[];
}

const loopback = new Set(["localhost", "127.0.0.1", "[::1]"]);

/** Refuses names that somebody else has pointed here (Model Context Protocol, "Transports": DNS rebinding). */
export function checkHost(request: Request, { allowedHosts }: OriginRules): Response | undefined {
  const host = request.headers.get("host");
  if (allowedHosts && (host === null || !allowedHosts.includes(host))) return refuse(403, "This host is not served.");
  return undefined;
}

/** Refuses web pages that are not allowed; those that this server itself has sent from this machine are. */
export function checkOrigin(
  request: Request,
  { allowedOrigins = [], allowedHosts = [] }: OriginRules,
): Response | undefined {
  const origin = request.headers.get("origin");
  if (origin === null || allowedOrigins.includes(origin)) return undefined;
  if (URL.canParse(origin)) {
    const { host, hostname } = new URL(origin);
    if (loopback.has(hostname) && allowedHosts.includes(host)) return undefined;
  }
  return refuse(403, "This origin is not allowed.");
}

/** What a browser needs to hear to let the page of an allowed origin read the answer (Fetch standard, "CORS protocol"). */
export function corsHeaders(request: Request): Readonly<Record<string, string>> {
  const origin = request.headers.get("origin");
  if (origin === null) return {};
  return {
    "Access-Control-Allow-Origin": origin,
    "Access-Control-Allow-Methods": "POST",
    "Access-Control-Allow-Headers":
      "authorization, content-type, mcp-protocol-version, mcp-session-id, mcp-method, mcp-name, last-event-id",
    "Access-Control-Expose-Headers": "mcp-session-id, www-authenticate, retry-after",
    Vary: "Origin",
  };
}
