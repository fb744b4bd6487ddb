import { systemCode } from "../errors/network.js";
import { refusedByProxy, refusedCertificate } from "../errors/refused-certificate.js";
import type { NetworkSettings } from "./transport.js";

/** No connection to the proxy came about. */
export class ProxyError extends Error {
  override readonly name = "ProxyError";
  readonly code: string;

  constructor(
    readonly host: string,
    cause: Error,
  ) {
    super(`The proxy ${host} could not be reached`, { cause });
    this.code = systemCode(cause) ?? "ECONNREFUSED";
  }
}

/** A proxy's answer to CONNECT, of which undici keeps the status in the message alone. */
const tunnel = /^Proxy response \((\d{3})\) !== 200 when HTTP Tunneling$/;

/** An error of connecting, as one of ours where the connection's settings are to blame; all others stay as they are. */
export function toConnectError(error: unknown, url: string, settings: NetworkSettings): unknown {
  const isProxy = error instanceof ProxyError;
  const host = isProxy ? error.host : new URL(url).host;
  const refused = refusedCertificate(systemCode(error), {
    host,
    isProxy,
    hasClientCertificate: settings.clientCertificate !== undefined,
  });
  if (refused) return refused;
  const [, status] = (error instanceof Error && tunnel.exec(error.message)) || [];
  if (status === undefined) return error;
  // Of the environment's proxy only its answer is known here.
  const proxy = settings.proxy === undefined ? "of the environment" : new URL(settings.proxy).host;
  if (Number(status) < 500) return refusedByProxy(proxy, Number(status));
  // The proxy has not reached the instance: the same as if we had not.
  const failed = new Error(`The proxy ${proxy} answered ${status}`);
  return Object.assign(failed, { code: "ECONNREFUSED" });
}
