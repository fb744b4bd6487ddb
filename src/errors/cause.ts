const mostDepth = 4;
const mostWords = 300;
const mostRead = 4_000;

/** A header's credentials, user info of a URL, and any long run of characters that could be a token. */
const secrets =
  /\b(?:bearer|basic)\s+\S+|\/\/[^/@\s]+@|\bgl[a-z]{1,6}-[\w.-]{8,}|[\w+=-]{32,}|[?&][\w[\]%-]*(?:token|secret|code)[\w[\]%-]*=[^&\s]*/gi;

/**
 * A cause as it may leave the library: name, code and a cleaned message. Errors of the network carry what was sent and
 * received in properties of their own, such as undici's `HTTPParserError.data`.
 */
export function safeCause(cause: unknown, depth = 0): unknown {
  if (!(cause instanceof Error)) return typeof cause === "string" ? clean(cause) : undefined;
  const inner = depth < mostDepth && cause.cause !== undefined ? safeCause(cause.cause, depth + 1) : undefined;
  const safe = new Error(clean(cause.message), inner === undefined ? undefined : { cause: inner });
  const name = /^\w{1,60}$/.test(cause.name) ? cause.name : "Error";
  const code = "code" in cause && typeof cause.code === "string" ? cause.code : undefined;
  const frames = cause.stack?.match(/^ {4}at [^\n]+:\d+:\d+\)?$/gm) ?? [];
  Object.defineProperty(safe, "name", { value: name, configurable: true, writable: true });
  Object.defineProperty(safe, "stack", {
    value: [`${name}: ${safe.message}`, ...frames].join("\n"),
    configurable: true,
    writable: true,
  });
  return code !== undefined && /^[\w.-]{1,60}$/.test(code) ? Object.assign(safe, { code }) : safe;
}

/** Cut last: of a secret that was cut before, the rest would not look like one. */
const clean = (text: string): string =>
  (text.length > mostRead ? text.slice(0, mostRead).replace(/\S+$/, "") : text)
    .replace(secrets, "[hidden]")
    .replace(/[\p{Cc}\p{Cf}]+/gu, " ")
    .slice(0, mostWords)
    .toWellFormed();
