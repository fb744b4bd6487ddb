/**
 * Cookies that bind what goes on at GitLab to the browser that began it. Shared by the sign-in of the MCP server and
 * the connect handler for products.
 */

/** How a cookie is named and sent at an origin. */
interface CookieSite {
  /** The origin that the browser sees. */
  readonly origin: string;
}

/** Over https nobody but this host can set it (RFC 6265bis, section 4.1.3.2); over http, on loopback, there is no such. */
const cookieName = (name: string, { origin }: CookieSite): string =>
  origin.startsWith("https:") ? `__Host-${name}` : name;

export function readCookie(request: Request, name: string, site: CookieSite): string | undefined {
  const fullName = cookieName(name, site);
  for (const pair of (request.headers.get("cookie") ?? "").split(";")) {
    const [key, value] = pair.trim().split("=", 2);
    if (key === fullName && value) return value;
  }
  return undefined;
}

/** A `Set-Cookie` that scripts do not see, and that comes along when GitLab sends the browser back. */
export function setCookie(name: string, value: string, site: CookieSite & { readonly maxAgeSeconds: number }): string {
  const secure = site.origin.startsWith("https:") ? "; Secure" : "";
  return `${cookieName(name, site)}=${value}; Path=/; HttpOnly; SameSite=Lax; Max-Age=${site.maxAgeSeconds}${secure}`;
}
