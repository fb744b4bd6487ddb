import type { Credentials } from "../accounts/types.js";
import { send } from "../http/client.js";
import type { WireRequest } from "../http/wire.js";
import type { ToolDefinition } from "./definition.js";
import type { ToolCallContext } from "./runtime.js";

/** One request with its retries, through the account's gate. */
export function sendOnce<Result>(
  call: ToolCallContext,
  { answer, idempotent }: Pick<ToolDefinition, "answer" | "idempotent">,
  wire: WireRequest,
  credentials: Credentials,
  receive: (response: Response) => Promise<Result>,
): Promise<Result> {
  const { runtime, key, identity, observer, progress, signal, deadline } = call;
  const { baseUrl, token } = credentials;
  return send(
    wire,
    {
      baseUrl,
      token,
      signal,
      deadline,
      call: identity,
      observer,
      progress,
      gate: runtime.limiter.gate(baseUrl, JSON.stringify([key.connectionName, key.identifier]), wire.path),
      retry: runtime.retry,
      clock: runtime.clock,
      mayLeave: answer === "binary",
      // A download that goes to a file is not begun again behind the caller's back.
      rereads: idempotent && wire.method === "GET" && answer !== "binary",
      ...(runtime.fetch && { fetch: runtime.fetch }),
    },
    receive,
  );
}
