/** Who the definitions are for. */
export const definitionFormats = ["openai", "anthropic", "gemini", "mcp", "json-schema", "markdown"] as const;
export type DefinitionFormat = (typeof definitionFormats)[number];
