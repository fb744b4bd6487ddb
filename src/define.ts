/** `gitlab-agent-tools/define`: what generated code of one's own project imports. */
export { defineTool, type DefineToolOptions } from "./tools/define-tool.js";
export type { ListTool, Tool } from "./tools/callable.js";
export type { ToolDefinition } from "./definition/definition.js";
export type { Download } from "./http/download.js";
export type { FileInput } from "./tools/file-input.js";
export { definitionOf, type ParameterRow, type RowText, type ToolRow } from "./tools/row.js";
export { listTool, tool } from "./tools/tool.js";
