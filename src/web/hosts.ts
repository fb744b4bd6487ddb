const loopback = ["127.0.0.1", "::1", "localhost"];

/**
 * The `Host` headers that a server answers to; `undefined` for all. A page elsewhere must not reach a local server by a
 * name that it has pointed here (DNS rebinding).
 *
 * @param names those of a public URL, and those under which a proxy passes requests on
 */
export function hostsOf(
  { host, port }: { readonly host: string; readonly port: number },
  names: readonly string[],
): readonly string[] | undefined {
  const local = loopback.includes(host) ? [...loopback, "[::1]"].map((name) => `${name}:${port}`) : [];
  return local.length + names.length > 0 ? [...local, ...names] : undefined;
}

/** Whether a request came by one of the names. */
export const isHostAllowed = ({ headers }: Request, allowed: readonly string[] | undefined): boolean =>
  allowed === undefined || allowed.includes(headers.get("host") ?? "");
