import type { PageInfo } from "../views/page-info.js";
import type { HeaderReader } from "./transport.js";

function header(headers: HeaderReader, name: string): number | undefined {
  const value = headers.get(name);
  return value !== null && /^\d+$/.test(value.trim()) ? Number(value) : undefined;
}

/** The `rel="next"` target of a `Link` header (RFC 8288, section 3). */
export function nextLink(headers: HeaderReader): string | undefined {
  for (const link of (headers.get("link") ?? "").split("<").slice(1)) {
    const [target = "", parameters] = link.split(">", 2);
    const next = parameters?.split(";").some((parameter) => {
      const match = /^rel\s*=\s*(?:"([^"]*)"|([^\s",]+))/i.exec(parameter.trim());
      return (match?.[1] ?? match?.[2] ?? "").toLowerCase().split(/\s+/).includes("next");
    });
    if (next) return target;
  }
  return undefined;
}

/** Where the page stands, from GitLab's pagination headers. */
export function readPage(headers: HeaderReader): PageInfo {
  const page = header(headers, "x-page");
  const perPage = header(headers, "x-per-page");
  const nextPage = header(headers, "x-next-page");
  const total = header(headers, "x-total");
  const totalPages = header(headers, "x-total-pages");
  return {
    ...(page !== undefined && { page }),
    ...(perPage !== undefined && { perPage }),
    ...(nextPage !== undefined && { nextPage }),
    ...(total !== undefined && { total }),
    ...(totalPages !== undefined && { totalPages }),
    hasMore: nextPage !== undefined || nextLink(headers) !== undefined,
  };
}

/** What an answer's headers say of a rate limit (GitLab documentation, "Rate limits: response headers"). */
export interface RateLimitHeaders {
  readonly name: string;
  readonly limit: number;
  readonly remaining: number;
  /** Milliseconds from now to the window's end. */
  readonly resetInMs: number;
}

/** No window of GitLab's is longer. */
export const longestWindowMs = 3_600_000;

/** `RateLimit-Reset` is a time on GitLab's clock: where the answer says what time it is there, ours does not matter. */
export function readRateLimitHeaders(headers: HeaderReader, now: number): RateLimitHeaders | undefined {
  const [limit, remaining, reset] = ["ratelimit-limit", "ratelimit-remaining", "ratelimit-reset"].map((name) =>
    Number(headers.get(name) || Number.NaN),
  );
  if (limit === undefined || remaining === undefined || reset === undefined) return undefined;
  if (![limit, remaining, reset].every(Number.isFinite) || limit <= 0) return undefined;
  const there = Date.parse(headers.get("date") ?? "");
  // A Date header has no milliseconds: half a second is the likeliest remainder.
  const resetInMs = reset * 1000 - (Number.isNaN(there) ? now : there + 500);
  return {
    name: headers.get("ratelimit-name") ?? "",
    limit,
    remaining: Math.max(0, remaining),
    resetInMs: Math.min(Math.max(0, resetInMs), longestWindowMs),
  };
}

const redirects: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);

export function isRedirect({ status, headers }: { readonly status: number; readonly headers: HeaderReader }): boolean {
  return redirects.has(status) && headers.has("location");
}

/** Statuses that have no body (RFC 9110, section 6.4.1). */
export const bodiless: ReadonlySet<number> = new Set([101, 103, 204, 205, 304]);

/** The length that a head states (RFC 9110, section 8.6). */
export function statedLength(text: string | null): number | undefined {
  return text !== null && /^\d{1,15}$/.test(text) ? Number(text) : undefined;
}

/** GitLab's id of the request, from its own header or from the correlation id. */
export function requestIdOf(headers: Pick<HeaderReader, "get">, secrets: readonly string[] = []): string | undefined {
  const id = headers.get("x-request-id") || correlationId(headers.get("x-gitlab-meta"));
  if (!id || secrets.some((secret) => secret !== "" && id.includes(secret))) return undefined;
  return id.slice(0, 200);
}

function correlationId(meta: string | null): string | undefined {
  try {
    const parsed: unknown = JSON.parse(meta ?? "{}");
    if (typeof parsed !== "object" || parsed === null || !("correlation_id" in parsed)) return undefined;
    return typeof parsed.correlation_id === "string" ? parsed.correlation_id : undefined;
  } catch {
    // A header that is not JSON names no request.
    return undefined;
  }
}
