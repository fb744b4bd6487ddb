import ipaddr from "ipaddr.js";
import { unlessAborted } from "./budget.js";
import { isRedirect } from "./head.js";
import { isOnInstance } from "./on-instance.js";
import type { HttpRequest, HttpResponse, Transport } from "./transport.js";

const most = 5;

/**
 * Whether an address is anything but a public unicast one: loopback, private, link-local, multicast, reserved, or an
 * IPv6 address that stands for an IPv4 address of that kind, as 6to4, NAT64, Teredo and mapped ones do.
 */
function isOwnAddress(text: string): boolean {
  const address = ipaddr.process(text);
  // `::10.0.0.1` (RFC 4291, section 2.5.5.1) is deprecated, and some systems still understand it.
  const isCompatible =
    address.kind() === "ipv6" &&
    address
      .toByteArray()
      .slice(0, 12)
      .every((byte) => byte === 0);
  return isCompatible || address.range() !== "unicast";
}

/** Whether a URL's host is written as an address of one's own network, or is the name of this machine. */
export function isOnOwnNetwork({ hostname }: URL): boolean {
  const host = hostOf(hostname);
  if (host === "localhost" || host.endsWith(".localhost")) return true;
  return ipaddr.isValid(host) && isOwnAddress(host);
}

const hostOf = (hostname: string): string => hostname.replace(/^\[|\]$/g, "").replace(/\.$/, "");

interface RedirectLimits {
  readonly baseUrl: string;
  readonly transport: Transport;
  /** The response may come from another origin, as downloads from object storage do. */
  readonly allowOtherOrigin?: boolean;
}

/**
 * Follows the redirects of a read: a renamed project on the same instance with the token, and for downloads object
 * storage elsewhere without it and without a client certificate, also should the way lead back. Nothing else leaves the instance, and nothing leads into
 * a private network unless the instance is in one: what an instance points to could be a server that only this machine
 * reaches. Names are looked up before, and the request goes to the addresses that were checked. A write is never
 * followed: it would have to be repeated, or become a GET (RFC 9110, section 15.4).
 */
export async function followRedirects(
  request: HttpRequest,
  first: HttpResponse,
  { baseUrl, transport, allowOtherOrigin = false }: RedirectLimits,
): Promise<HttpResponse> {
  const { authorization: _, ...withoutToken } = request.headers;
  let response = first;
  let from = request.url;
  let left = false;
  for (let hop = 0; hop < most && request.method === "GET" && isRedirect(response); hop += 1) {
    const location = response.headers.get("location") ?? "";
    const to = URL.canParse(location, from) ? new URL(location, from) : undefined;
    if (!to || !["https:", "http:"].includes(to.protocol)) break;
    // Plain HTTP may only be where we already were: no downgrade on the way to another origin.
    if (to.protocol === "http:" && new URL(from).protocol === "https:") break;
    left ||= !isOnInstance(to, baseUrl);
    const target = left ? await resolveTarget(to, baseUrl, allowOtherOrigin, transport, request.signal) : {};
    if (!target) break;
    response.body.cancel();
    response = await transport.send({
      method: "GET",
      url: to.href,
      headers: left ? withoutToken : request.headers,
      signal: request.signal,
      elsewhere: left,
      ...target,
    });
    from = to.href;
  }
  return response === first ? first : withRequestId(response, first);
}

/** Where beyond the instance a download may come from; `undefined` where it may not. */
async function resolveTarget(
  to: URL,
  baseUrl: string,
  allowOtherOrigin: boolean,
  transport: Transport,
  signal: AbortSignal,
): Promise<{ addresses?: readonly string[] } | undefined> {
  if (!allowOtherOrigin) return undefined;
  const addressesOf = async ({ hostname }: URL): Promise<readonly string[] | undefined> => {
    const host = hostOf(hostname);
    return ipaddr.isValid(host) ? undefined : await transport.resolve?.(host);
  };
  const base = new URL(baseUrl);
  if (isOnOwnNetwork(base)) return {};
  if (isOnOwnNetwork(to)) return undefined;
  const addresses = await unlessAborted(addressesOf(to), signal);
  if (!addresses) return {};
  if (!addresses.some(isOwnAddress)) return { addresses };
  // A company's storage lies beside its instance.
  const own = await unlessAborted(addressesOf(base), signal);
  return own?.every(isOwnAddress) ? {} : undefined;
}

/** Object storage does not know the id under which GitLab's logs have the request. */
function withRequestId(response: HttpResponse, first: HttpResponse): HttpResponse {
  const id = first.headers.get("x-request-id");
  if (id === null || response.headers.has("x-request-id")) return response;
  const { headers, status, body } = response;
  const get = (name: string): string | null => (name.toLowerCase() === "x-request-id" ? id : headers.get(name));
  return { status, body, headers: { get, has: (name) => get(name) !== null } };
}
