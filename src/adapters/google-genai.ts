import { createToolbox, type ToolboxOptions } from "./toolbox.js";

export type { ToolboxOptions } from "./toolbox.js";

/** A call of the model, from `response.functionCalls`. */
export interface GeminiCall {
  readonly id?: string;
  readonly name?: string;
  readonly args?: Record<string, unknown>;
}

/** The part that answers a call. */
export interface GeminiPart {
  functionResponse: {
    id?: string;
    name: string;
    /** `output` or `error`, as the API reads them. */
    response: Record<string, unknown>;
    /** Images beside the text. */
    parts?: { inlineData: { mimeType: string; data: string } }[];
  };
}

/** A function as the API declares it. */
export interface GeminiFunction {
  name: string;
  description: string;
  parametersJsonSchema: unknown;
}

/** GitLab tools for Gemini. */
export interface GeminiTools {
  /** `config.tools` of a request. */
  readonly tools: { functionDeclarations: GeminiFunction[] }[];
  /** Runs a call of the model and returns the part that answers it. Never throws. */
  readonly runFunctionCall: (call: GeminiCall, options?: { readonly signal?: AbortSignal }) => Promise<GeminiPart>;
  /** Whether a person should be asked before this call. */
  readonly needsConfirmation: (call: GeminiCall) => boolean;
  /** The same for the SDK's own loop ("automatic function calling"), which asks nobody: an entry of `config.tools`. */
  readonly callable: {
    tool(): Promise<{ functionDeclarations: GeminiFunction[] }>;
    callTool(calls: GeminiCall[]): Promise<GeminiPart[]>;
  };
}

/**
 * GitLab tools for one person's agent on Gemini, with `@google/genai`.
 *
 * @throws {GitLabToolError} `unknown_tool`, `invalid_input` for a selection that names what does not exist
 * @example
 * ```ts
 * const { tools, runFunctionCall } = getTools({ gitlab, identifier: "user_ada" });
 * const response = await ai.models.generateContent({ model, contents, config: { tools } });
 * const parts = await Promise.all((response.functionCalls ?? []).map((call) => runFunctionCall(call)));
 * contents.push({ role: "user", parts });
 * ```
 */
export function getTools(options: ToolboxOptions): GeminiTools {
  const { definitions, run, needsConfirmation } = createToolbox(options);
  const functionDeclarations = definitions.map(({ name, description, inputSchema }): GeminiFunction => ({
    name,
    description,
    parametersJsonSchema: inputSchema,
  }));

  const runFunctionCall: GeminiTools["runFunctionCall"] = async ({ id, name = "", args = {} }, call) => {
    const { text, images, isError } = await run(name, args, call);
    const parts = images.map(({ mimeType, data }) => ({ inlineData: { mimeType, data } }));
    return {
      functionResponse: {
        ...(id !== undefined && { id }),
        name,
        response: isError ? { error: text } : { output: text },
        ...(parts.length > 0 && { parts }),
      },
    };
  };

  return {
    tools: [{ functionDeclarations }],
    runFunctionCall,
    needsConfirmation: ({ name = "", args }) => needsConfirmation(name, args),
    callable: {
      tool: () => Promise.resolve({ functionDeclarations }),
      callTool: (calls) => Promise.all(calls.map((call) => runFunctionCall(call))),
    },
  };
}
