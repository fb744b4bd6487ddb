/** Failures before a connection exists: the server cannot have acted. */
const beforeConnecting = new Set(["ECONNREFUSED", "ENOTFOUND", "EAI_AGAIN", "UND_ERR_CONNECT_TIMEOUT"]);

/** The system's code of a failed `fetch`, such as `ECONNRESET`. */
export function systemCode(error: unknown): string | undefined {
  for (let cause = error, depth = 0; cause instanceof Error && depth < 5; cause = cause.cause, depth += 1) {
    if ("code" in cause && typeof cause.code === "string") return cause.code;
    // undici gives most violations of HTTP a code, and some none.
    if (cause.name === "HTTPParserError") return "HPE_INVALID";
  }
  return undefined;
}

/** Whether it is certain that the request never reached the server. */
export function failedBeforeConnecting(error: unknown): boolean {
  return beforeConnecting.has(systemCode(error) ?? "");
}

/**
 * Seconds that a response asks to wait: `Retry-After`, else until `RateLimit-Reset`.
 *
 * @see https://datatracker.ietf.org/doc/html/rfc9110#section-10.2.3
 */
export function retryAfterSeconds(headers: Pick<Headers, "get">, now: number = Date.now()): number | undefined {
  const after = headers.get("retry-after");
  if (after !== null && after.trim() !== "") {
    const seconds = Number(after);
    const wait = Number.isNaN(seconds) ? (Date.parse(after) - now) / 1000 : seconds;
    if (Number.isFinite(wait)) return Math.max(0, wait);
  }
  const reset = Number(headers.get("ratelimit-reset") ?? Number.NaN);
  return Number.isFinite(reset) && reset > 0 ? Math.max(0, reset - now / 1000) : undefined;
}
