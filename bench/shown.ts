import { encode } from "gpt-tokenizer/encoding/o200k_base";
import { toMcp } from "../src/adapters/definitions.js";
import type { ToolDefinition } from "../src/definition/definition.js";

/** What a model sees of tools, in tokens: name, description, input schema and hints. Titles are for people. */
export function shownTokens(tools: readonly ToolDefinition[]): number {
  const shown = tools.map((tool) => {
    const { title: _, ...rest } = toMcp(tool);
    return rest;
  });
  return encode(JSON.stringify({ tools: shown })).length;
}
