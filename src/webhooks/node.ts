import type { IncomingMessage, ServerResponse } from "node:http";
import { send, toRequest } from "../connect/node.js";
import type { HandleOptions, WebhookReceiver } from "./receiver.js";

/**
 * A receiver as a handler of Node's `http` server, or as a middleware of Express and its like. It has to come before any
 * middleware that reads the body: a signature is made over the bytes as they came.
 *
 * @example
 * ```ts
 * app.post("/webhooks/gitlab", toNodeHandler(receiver));
 * ```
 */
export function toNodeHandler(
  receiver: WebhookReceiver,
  options?: HandleOptions,
): (incoming: IncomingMessage, outgoing: ServerResponse) => Promise<void> {
  return async (incoming, outgoing) => {
    // Where the body has been read before us, what was signed is gone: what is left of it is refused.
    await send(await receiver.handle(toRequest(incoming), options), outgoing);
  };
}
