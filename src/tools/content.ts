import type { Credentials } from "../accounts/types.js";
import type { WireRequest } from "../http/wire.js";
import { lookupFor, type ToolCallContext } from "./call.js";
import { sendAs } from "./send-as.js";

/** An answer with the text that GitLab serves at a path of its own; or a warning, where that cannot be read. */
export async function withContent(
  call: ToolCallContext,
  wire: WireRequest,
  credentials: Credentials,
  data: unknown,
): Promise<{ readonly data: unknown; readonly warnings: readonly string[] }> {
  const { definition } = call;
  if (definition.content === undefined || typeof data !== "object" || data === null) return { data, warnings: [] };
  const path = `${wire.path}/${definition.content}`;
  const question = { ...wire, path, query: {} };
  try {
    const response = await sendAs(lookupFor(call), { ...definition, path }, question, { as: "text" }, credentials);
    return { data: { ...data, content: response.data }, warnings: [] };
  } catch (error) {
    if (call.budget.signal.aborted) throw error;
    const because = error instanceof Error ? error.message : "";
    return { data, warnings: [`The content could not be read: ${because}`] };
  }
}
