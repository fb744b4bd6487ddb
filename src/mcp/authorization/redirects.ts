const loopback = new Set(["127.0.0.1", "[::1]", "localhost"]);

/** Schemes that lead nowhere but into the browser itself. */
const dangerous = new Set(["javascript:", "data:", "vbscript:", "file:", "blob:", "about:", "ws:", "wss:", "ftp:"]);

/**
 * Whether a client may be sent its code there: https anywhere, http on loopback, or a scheme of an application's own
 * (https://datatracker.ietf.org/doc/html/rfc8252#section-7).
 */
export function isRedirectUri(text: unknown): text is string {
  if (typeof text !== "string" || text.length > 2_000 || !URL.canParse(text) || /[#\s\\]/.test(text)) return false;
  const { protocol, hostname, username, password } = new URL(text);
  if (username !== "" || password !== "" || dangerous.has(protocol)) return false;
  return protocol === "http:" ? loopback.has(hostname) : true;
}

/**
 * Whether `requested` is one of those that a client has registered: letter by letter, but for the port on loopback, which
 * is whichever is free (https://datatracker.ietf.org/doc/html/rfc8252#section-7.3).
 */
export function isRegistered(requested: string, registered: readonly string[]): boolean {
  if (!isRedirectUri(requested)) return false;
  return registered.some((uri) => uri === requested || withoutPort(uri) === withoutPort(requested));
}

/** Different for every address but those that differ by their port on loopback. */
function withoutPort(text: string): string {
  const url = new URL(text);
  if (url.protocol !== "http:" || !loopback.has(url.hostname)) return text;
  return text.replace(/^(http:\/\/(?:\[::1\]|[^/:?]+))(?::\d+)?/, "$1");
}
