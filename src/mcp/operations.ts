import type * as OpenTelemetry from "@opentelemetry/api";
import { version } from "../version.js";

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
export type Operation = { -readonly [Part in keyof McpOperation]: McpOperation[Part] };

/** Records how long an operation took. */
export type Measure = (operation: McpOperation, seconds: number) => void;

/** Bounds in seconds, as the conventions below advise. */
const boundaries = [0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30, 60, 120, 300];

let loading: Promise<Measure | undefined> | undefined;

/** OpenTelemetry where the product has it installed, looked for once. */
export function loadMeasure(): Promise<Measure | undefined> {
  // The name is not a literal, so that bundlers leave the optional package alone.
  const name = "@opentelemetry/api";
  return (loading ??= import(name).then(createMeasure, () => undefined));
}

/**
 * The metric `mcp.server.operation.duration`.
 *
 * @see https://opentelemetry.io/docs/specs/semconv/gen-ai/mcp/
 */
function createMeasure({ metrics }: typeof OpenTelemetry): Measure {
  let made: { readonly of: OpenTelemetry.MeterProvider; readonly histogram: OpenTelemetry.Histogram } | undefined;

  return ({ method, tool, code }, seconds) => {
    const of = metrics.getMeterProvider();
    // The product may set its provider after our first operation.
    if (made?.of !== of) {
      const histogram = of.getMeter("gitlab-agent-tools", version).createHistogram("mcp.server.operation.duration", {
        description: "Duration of MCP requests as the server sees them.",
        unit: "s",
        advice: { explicitBucketBoundaries: boundaries },
      });
      made = { of, histogram };
    }
    made.histogram.record(seconds, {
      "mcp.method.name": method,
      ...(tool !== undefined && { "gen_ai.tool.name": tool }),
      ...(code !== undefined && { "error.type": code === "failed" ? "_OTHER" : code }),
    });
  };
}
