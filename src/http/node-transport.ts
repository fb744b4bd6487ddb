import { lookup } from "node:dns/promises";
import type { Dispatcher } from "undici";
import { abortReason } from "./budget.js";
import { toConnectError } from "./connect-error.js";
import { acceptEncoding } from "./decode.js";
import { Exchange } from "./exchange.js";
import type { HttpRequest, NetworkSettings, Transport } from "./transport.js";
import { loadUndici } from "./undici.js";

async function open(settings: NetworkSettings) {
  const [undici, { dispatcherFor, pinnedTo }] = await Promise.all([loadUndici(), import("./dispatcher.js")]);
  const { dispatcher, mayProxy } = dispatcherFor(undici, settings);
  const { clientCertificate, ...withoutCertificate } = settings;
  const dispatcherOf = ({ elsewhere, addresses }: HttpRequest): Dispatcher => {
    // A proxy looks the name up itself.
    if (addresses && !mayProxy) return pinnedTo(undici, addresses, elsewhere ? withoutCertificate : settings);
    return elsewhere && clientCertificate ? dispatcherFor(undici, withoutCertificate).dispatcher : dispatcher;
  };
  return { dispatcherOf, mayProxy };
}

/**
 * Node's transport: undici's dispatchers, which follow no redirect and decode nothing. Node's built-in `fetch` is not
 * used: some answers end the process through it, and damaged compression hangs it beyond any signal.
 */
export function platformTransport(settings: NetworkSettings = {}): Transport {
  let opened: ReturnType<typeof open> | undefined;
  return {
    async send(sending) {
      const { method, url, headers, body, signal } = sending;
      const { dispatcherOf } = await (opened ??= open(settings));
      if (signal.aborted) throw abortReason(signal);
      const { origin, pathname, search } = new URL(url);
      const exchange = new Exchange(signal);
      const options: Dispatcher.DispatchOptions = {
        origin,
        path: pathname + search,
        method,
        headers: { "accept-encoding": acceptEncoding, ...headers },
        ...(body !== undefined && { body }),
        // The call's own signal ends it.
        headersTimeout: 0,
        bodyTimeout: 0,
      };
      dispatcherOf(sending).dispatch(options, exchange);
      try {
        return await exchange.response;
      } catch (error) {
        throw toConnectError(error, url, settings);
      }
    },
    async resolve(hostname) {
      const { mayProxy } = await (opened ??= open(settings));
      const found = lookup(hostname, { all: true });
      // Behind a proxy this machine may not know the names outside; those that it knows may be reached without it.
      const all = await (mayProxy ? found.catch(() => undefined) : found);
      return all?.map(({ address }) => address);
    },
  };
}
