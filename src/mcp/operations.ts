import { loadDurations } from "../web/durations.js";

/** What was asked of the server in one message: nothing of it was written by a person or a model. */
export interface McpOperation {
  /** The protocol's method, such as `tools/call`. */
  readonly method: string;
  /** The tool that is called, where there is one of that name. */
  readonly tool?: string;
  /** Why it did not work: a code of `GitLabToolError`, or `failed` where the protocol itself had an error to tell. */
  readonly code?: string;
}

/** An operation that is under way. */
export type OpenOperation = { -readonly [Part in keyof McpOperation]: McpOperation[Part] };

/** Records how long an operation took. */
export type Measure = (operation: McpOperation, seconds: number) => void;

/**
 * The metric `mcp.server.operation.duration`, where the product has OpenTelemetry installed.
 *
 * @see https://opentelemetry.io/docs/specs/semconv/gen-ai/mcp/
 */
export async function loadMeasure(): Promise<Measure | undefined> {
  const record = await loadDurations(
    "mcp.server.operation.duration",
    "Duration of MCP requests as the server sees them.",
  );
  return (
    record &&
    (({ method, tool, code }, seconds) =>
      record(seconds, {
        "mcp.method.name": method,
        ...(tool !== undefined && { "gen_ai.tool.name": tool }),
        ...(code !== undefined && { "error.type": code === "failed" ? "_OTHER" : code }),
      }))
  );
}
