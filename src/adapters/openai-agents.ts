import { createToolbox, type ToolboxDefinition, type ToolboxOptions } from "./toolbox.js";

export type { ToolboxOptions } from "./toolbox.js";

interface AgentsSchema {
  type: "object";
  properties: Record<string, { readonly [keyword: string]: unknown }>;
  required: string[];
  additionalProperties: true;
}

/** A function tool of the OpenAI Agents SDK, as its `tool()` makes them. */
export interface AgentsTool {
  type: "function";
  name: string;
  description: string;
  parameters: AgentsSchema;
  strict: false;
  invoke: (
    context: unknown,
    input: string,
    details?: { readonly signal?: AbortSignal },
  ) => Promise<string | AgentsOutput[]>;
  needsApproval: (context: unknown, input: unknown, callId?: string) => Promise<boolean>;
  isEnabled: () => Promise<boolean>;
}

/** What a tool with images answers. */
export type AgentsOutput =
  | { readonly type: "text"; readonly text: string }
  // A data: URL.
  | { readonly type: "image"; readonly image: string };

/**
 * Tools of the OpenAI Agents SDK for one person's agent. What goes wrong is an answer; a run is interrupted before what
 * a person should be asked about: by default what destroys, see the option `confirm`.
 *
 * @throws {GitLabToolError} `unknown_tool`, `invalid_input` for a selection that names what does not exist
 * @example
 * ```ts
 * const agent = new Agent({ name: "Triage", tools: getTools({ gitlab, identifier: "user_ada", confirm: "writes" }) });
 * const result = await run(agent, "Close the stale bugs");
 * for (const interruption of result.interruptions) result.state.approve(interruption);
 * ```
 */
export function getTools(options: ToolboxOptions): AgentsTool[] {
  const { definitions, run, needsConfirmation } = createToolbox(options);
  return definitions.map((definition): AgentsTool => {
    const { name, description } = definition;
    return {
      type: "function",
      name,
      description,
      parameters: parametersOf(definition),
      strict: false,
      async invoke(_, input, details) {
        const { text, images } = await run(name, input, { ...(details?.signal && { signal: details.signal }) });
        if (images.length === 0) return text;
        const shown = images.map(({ mimeType, data }): AgentsOutput => ({
          type: "image",
          image: `data:${mimeType};base64,${data}`,
        }));
        return [{ type: "text", text }, ...shown];
      },
      needsApproval: (_, input) => Promise.resolve(needsConfirmation(name, input)),
      isEnabled: () => Promise.resolve(true),
    };
  });
}

/** The SDK hands on schemas that say that other properties are allowed; what is unknown is refused by us. */
function parametersOf({ inputSchema }: ToolboxDefinition): AgentsSchema {
  const { properties = {}, required = [] } = inputSchema;
  return { type: "object", properties: { ...properties }, required: [...required], additionalProperties: true };
}
