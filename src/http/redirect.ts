import { BlockList, isIP } from "node:net";

const most = 5;
const redirects = new Set([301, 302, 303, 307, 308]);

/** Whether a URL lies on the connection's instance: same origin, under its path prefix. */
export function isOnInstance(url: URL, baseUrl: string): boolean {
  const base = new URL(baseUrl);
  const prefix = base.pathname.replace(/\/+$/, "");
  return url.origin === base.origin && (url.pathname === prefix || url.pathname.startsWith(`${prefix}/`));
}

const ownNetwork = new BlockList();
for (const [address, bits] of [
  ["0.0.0.0", 8],
  ["10.0.0.0", 8],
  ["100.64.0.0", 10],
  ["127.0.0.0", 8],
  ["169.254.0.0", 16],
  ["172.16.0.0", 12],
  ["192.0.0.0", 24],
  ["192.168.0.0", 16],
  ["198.18.0.0", 15],
] as const) {
  ownNetwork.addSubnet(address, bits, "ipv4");
}
for (const [address, bits] of [
  ["::", 96],
  ["64:ff9b::", 96],
  ["fc00::", 7],
  ["fe80::", 10],
  ["fec0::", 10],
] as const) {
  ownNetwork.addSubnet(address, bits, "ipv6");
}

/**
 * Whether a URL's host is written as a loopback, link-local or private address. What a name resolves to is not looked
 * up: that is for the network's own rules.
 */
export function isOnOwnNetwork({ hostname }: URL): boolean {
  const host = hostname.replace(/^\[|\]$/g, "").replace(/\.$/, "");
  if (host === "localhost" || host.endsWith(".localhost")) return true;
  const version = isIP(host);
  return version !== 0 && ownNetwork.check(host, version === 4 ? "ipv4" : "ipv6");
}

/**
 * Follows the redirects of a read: a renamed project on the same instance with the token, and for downloads object
 * storage elsewhere without it, also should the way lead back. Nothing else leaves the instance, and nothing leads into
 * a private network unless the instance is in one: what an instance points to could be a server that only this machine
 * reaches. A write is never followed: it would have to be repeated,
 * or become a GET (RFC 9110, section 15.4).
 */
export async function followRedirects(
  request: Request,
  first: Response,
  { baseUrl, mayLeave = false }: { readonly baseUrl: string; readonly mayLeave?: boolean },
  fetchOne: (request: Request) => Promise<Response>,
): Promise<Response> {
  let answer = first;
  let from = request.url;
  let left = false;
  for (let hop = 0; hop < most; hop += 1) {
    const location = answer.headers.get("location");
    if (!redirects.has(answer.status) || !location || request.method !== "GET") break;
    if (!URL.canParse(location, from)) break;
    const to = new URL(location, from);
    if (!["https:", "http:"].includes(to.protocol)) break;
    // Plain HTTP may only be where we already were: no downgrade on the way to another origin.
    if (to.protocol === "http:" && new URL(from).protocol === "https:") break;
    left ||= !isOnInstance(to, baseUrl);
    if (left && (!mayLeave || (isOnOwnNetwork(to) && !isOnOwnNetwork(new URL(baseUrl))))) break;
    await answer.body?.cancel();
    const headers = new Headers(request.headers);
    if (left) headers.delete("authorization");
    answer = await fetchOne(new Request(to, { method: "GET", headers }));
    from = to.href;
  }
  return answer === first ? answer : withRequestId(answer, first);
}

/** Object storage does not know the id under which GitLab's logs have the request. */
function withRequestId(answer: Response, first: Response): Response {
  const id = first.headers.get("x-request-id");
  if (id === null || answer.headers.has("x-request-id")) return answer;
  const headers = new Headers(answer.headers);
  headers.set("x-request-id", id);
  const { status, statusText } = answer;
  return new Response(status === 204 || status === 304 ? null : answer.body, { status, statusText, headers });
}
