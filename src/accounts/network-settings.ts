import { createPrivateKey, X509Certificate, type KeyObject } from "node:crypto";
import type { ClientCertificate, NetworkSettings } from "../http/transport.js";
import { misconfigured } from "./misconfigured.js";
import type { ConnectionConfig } from "./types.js";

export const networkParts = ["ca", "clientCertificate", "proxy"] as const;

/** Which settings there are. */
export function networkNames(network: NetworkSettings): (keyof NetworkSettings)[] {
  return networkParts.filter((name) => network[name] !== undefined);
}

/**
 * The settings of a connection for the way to its instance; `undefined` where it has none.
 *
 * @throws {GitLabToolError} `connection_misconfigured` for what cannot work, without a word of it
 */
export function networkOf(
  name: string,
  { ca, clientCertificate, proxy }: ConnectionConfig,
): NetworkSettings | undefined {
  if (ca !== undefined) checkAuthorities(name, [ca].flat());
  if (clientCertificate !== undefined) checkClientCertificate(name, clientCertificate);
  if (proxy !== undefined) checkProxy(name, proxy);
  const network = {
    ...(ca !== undefined && { ca: typeof ca === "string" ? ca : [...ca] }),
    ...(clientCertificate !== undefined && { clientCertificate: { ...clientCertificate } }),
    ...(proxy !== undefined && { proxy }),
  };
  return Object.keys(network).length > 0 ? network : undefined;
}

const pem = /-----BEGIN (?:TRUSTED )?CERTIFICATE-----[^-]+-----END (?:TRUSTED )?CERTIFICATE-----/g;

function certificatesOf(text: string): X509Certificate[] | undefined {
  try {
    return (text.match(pem) ?? []).map((one) => new X509Certificate(one));
  } catch {
    return undefined;
  }
}

function checkAuthorities(name: string, texts: readonly string[]): void {
  const isRead = texts.length > 0 && texts.every((text) => (certificatesOf(text)?.length ?? 0) > 0);
  if (isRead) return;
  throw misconfigured(
    name,
    "has a ca that is not a certificate as PEM",
    "Give it the text of the authority's certificate, which begins with -----BEGIN CERTIFICATE-----, not the path of its file.",
  );
}

function checkClientCertificate(name: string, { cert, key, passphrase }: ClientCertificate): void {
  const [own] = certificatesOf(cert) ?? [];
  if (!own) throw misconfigured(name, "has a clientCertificate whose cert is not a certificate as PEM");
  let opened: KeyObject;
  try {
    opened = createPrivateKey({ key, ...(passphrase !== undefined && { passphrase }) });
  } catch {
    // What Node says may quote the key.
    throw misconfigured(
      name,
      "has a clientCertificate whose key does not open",
      "Give it as PEM, with the passphrase that it is encrypted with, if any.",
    );
  }
  if (!own.checkPrivateKey(opened))
    throw misconfigured(name, "has a clientCertificate whose key belongs to another one");
}

function checkProxy(name: string, proxy: string): void {
  const url = URL.canParse(proxy) ? new URL(proxy) : undefined;
  const fits = url && /^https?:$/.test(url.protocol) && url.hostname !== "" && url.pathname === "/";
  if (fits && url.search === "" && url.hash === "") return;
  throw misconfigured(
    name,
    "has a proxy that is not the URL of an HTTP proxy",
    "Write it as http://proxy.example:3128, with user and password in front of the host where the proxy wants them.",
  );
}
