import type { HeaderReader } from "./transport.js";

/** Where a list's page stands (GitLab documentation, "REST API pagination"). */
export interface PageInfo {
  readonly page?: number;
  readonly perPage?: number;
  /** The next page's number; absent on the last page and under keyset pagination. */
  readonly nextPage?: number;
  /** Absent above 10,000 items and under keyset pagination. */
  readonly total?: number;
  readonly totalPages?: number;
  readonly hasMore: boolean;
}

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
