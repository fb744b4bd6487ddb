/** `gitlab-agent-tools/define`: what generated code of one's own project imports. */
export { defineTool, type DefineToolOptions } from "./tools/define-tool.js";
export { listTool, tool, type ListTool, type Tool, type ToolDefinition } from "./tools/definition.js";
export type { Download } from "./tools/download.js";
export { definitionOf, type ParameterRow, type ToolRow } from "./tools/row.js";
