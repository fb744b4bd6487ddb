const most = 5;
const redirects = new Set([301, 302, 303, 307, 308]);

/** Whether a URL lies on the connection's instance: same origin, under its path prefix. */
export function isOnInstance(url: URL, baseUrl: string): boolean {
  const base = new URL(baseUrl);
  const prefix = base.pathname.replace(/\/+$/, "");
  return url.origin === base.origin && (url.pathname === prefix || url.pathname.startsWith(`${prefix}/`));
}

/**
 * Follows the redirects of a read: a renamed project on the same instance with the token, object storage elsewhere
 * without it. A write is never followed: it would have to be repeated, or become a GET (RFC 9110, section 15.4).
 */
export async function followRedirects(
  request: Request,
  first: Response,
  baseUrl: string,
  fetchOne: (request: Request) => Promise<Response>,
): Promise<Response> {
  let answer = first;
  let from = request.url;
  for (let hop = 0; hop < most; hop += 1) {
    const location = answer.headers.get("location");
    if (!redirects.has(answer.status) || !location || request.method !== "GET") return answer;
    if (!URL.canParse(location, from)) return answer;
    const to = new URL(location, from);
    if (!["https:", "http:"].includes(to.protocol)) return answer;
    // Plain HTTP may only be where we already were: no downgrade on the way to another origin.
    if (to.protocol === "http:" && new URL(from).protocol === "https:") return answer;
    await answer.body?.cancel();
    const headers = new Headers(request.headers);
    if (!isOnInstance(to, baseUrl)) headers.delete("authorization");
    answer = await fetchOne(new Request(to, { method: "GET", headers }));
    from = to.href;
  }
  return answer;
}
