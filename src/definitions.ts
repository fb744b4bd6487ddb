/** `gitlab-agent-tools/definitions`: what `tools export` prints, as functions; for agents with a loop of their own. */
export {
  toAnthropic,
  toGemini,
  toJsonSchemaDocument,
  toMcp,
  toOpenAi,
  type AnthropicToolDefinition,
  type GeminiFunctionDeclaration,
  type McpAnnotations,
  type McpOptions,
  type McpToolDefinition,
  type OpenAiOptions,
  type OpenAiToolDefinition,
} from "./adapters/definitions.js";
export { runDiscovery, type DiscoveryOptions } from "./adapters/discovery.js";
export { discoveryDefinitions, discoveryTools, discoveryToolNames } from "./adapters/discovery-tools.js";
export { toolSearch, type ToolSearch } from "./adapters/discovery-search.js";
export { exportDefinitions, type ExportOptions } from "./adapters/export.js";
export { definitionFormats, type DefinitionFormat } from "./adapters/formats.js";
export { outputSchema } from "./adapters/output-schema.js";
export {
  presetNames,
  selectTools,
  type PresetName,
  type Selection,
  type SelectionLevel,
  type Tier,
} from "./tools/select.js";
export type { JsonSchema } from "./tools/json-schema.js";
export {
  defaultMaxResultTokens,
  toModelAnswer,
  toModelText,
  type ModelAnswer,
  type ModelTextOptions,
} from "./views/model-text.js";
