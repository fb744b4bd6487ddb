import type { Credentials } from "../accounts/types.js";
import { readBytes } from "../http/body.js";
import type { WireRequest } from "../http/wire.js";
import type { ToolCallContext } from "./call.js";
import { sendAs } from "./send-as.js";

/** An answer with the text that GitLab serves at a path of its own; or a warning, where that cannot be read. */
export async function withContent(
  call: ToolCallContext,
  wire: WireRequest,
  credentials: Credentials,
  data: unknown,
): Promise<{ readonly data: unknown; readonly warnings: readonly string[] }> {
  const { definition, identity, runtime } = call;
  if (definition.content === undefined || typeof data !== "object" || data === null) return { data, warnings: [] };
  const lookup: ToolCallContext = {
    ...call,
    identity: { ...identity, purpose: "lookup" },
    progress: { sent: false, uncertain: false },
  };
  const path = `${wire.path}/${definition.content}`;
  try {
    const content = await sendAs(
      lookup,
      { ...definition, path, answer: "text" },
      { ...wire, path, query: {} },
      credentials,
      async (response) => new TextDecoder().decode(await readBytes(response, runtime.maxResponseBytes)),
    );
    return { data: { ...data, content }, warnings: [] };
  } catch (error) {
    if (call.budget.signal.aborted) throw error;
    const because = error instanceof Error ? error.message : "";
    return { data, warnings: [`The content could not be read: ${because}`] };
  }
}
