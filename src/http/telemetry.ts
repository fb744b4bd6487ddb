import type * as OpenTelemetry from "@opentelemetry/api";
import type { Attributes, Span, SpanKind, SpanStatusCode } from "@opentelemetry/api";
import { systemCode } from "../errors/network.js";
import { version } from "../version.js";
import type { GitLabToolError } from "../errors/gitlab-tool-error.js";
import type { CallIdentity, Observer } from "./observer.js";

// No type of OpenTelemetry's is exported: products without it read this file's declarations too.

/** OpenTelemetry for calls. */
export interface Telemetry {
  /** `undefined` while the product records neither spans nor metrics. */
  begin(identity: CallIdentity): CallSpan | undefined;
}

/** One call as a span; its attempts are spans below it. */
export interface CallSpan extends Observer {
  end(error?: GitLabToolError): void;
}

let loading: Promise<Telemetry | undefined> | undefined;

/** OpenTelemetry where the product has it installed, looked for once. Without it, calls pay nothing. */
export function loadTelemetry(): Promise<Telemetry | undefined> {
  // The name is not a literal, so that bundlers leave the optional package alone.
  const name = "@opentelemetry/api";
  return (loading ??= import(name).then(createTelemetry, () => undefined));
}

type OpenTelemetryApi = typeof OpenTelemetry;

// The enumerations' numbers: a value import would make the package a must.
const client = 2 satisfies SpanKind.CLIENT as SpanKind.CLIENT;
const internal = 0 satisfies SpanKind.INTERNAL as SpanKind.INTERNAL;
const failed = 2 satisfies SpanStatusCode.ERROR as SpanStatusCode.ERROR;

/** Bounds in seconds (OpenTelemetry semantic conventions, "HTTP metrics"). */
const boundaries = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10];

/**
 * Spans and the metric `http.client.request.duration`, named as OpenTelemetry's semantic conventions for HTTP clients
 * say (version 1.23 and later); a call's own span follows those for executing tools.
 */
function createTelemetry({ trace, metrics, context, createNoopMeter }: OpenTelemetryApi): Telemetry {
  const scope = ["gitlab-agent-tools", version] as const;
  let histogram: { readonly of: OpenTelemetry.MeterProvider; readonly made: OpenTelemetry.Histogram } | undefined;

  /** Made anew when the product has set another provider, which it may do after our first call. */
  function durations(): OpenTelemetry.Histogram {
    const provider = metrics.getMeterProvider();
    if (histogram?.of !== provider) {
      const made = provider.getMeter(...scope).createHistogram("http.client.request.duration", {
        description: "Duration of HTTP client requests.",
        unit: "s",
        advice: { explicitBucketBoundaries: boundaries },
      });
      histogram = { of: provider, made };
    }
    return histogram.made;
  }

  const recordsNothing = createNoopMeter().createHistogram("");

  return {
    begin(identity) {
      const tracer = trace.getTracer(...scope);
      const duration = durations();
      const call = tracer.startSpan(`execute_tool ${identity.toolName}`, {
        kind: internal,
        attributes: {
          "gen_ai.operation.name": "execute_tool",
          "gen_ai.tool.name": identity.toolName,
          "gen_ai.tool.type": "function",
          "gitlab_agent_tools.connection": identity.connectionName,
        },
      });
      if (!call.isRecording() && duration === recordsNothing) return undefined;
      return {
        end(error) {
          if (error) fail(call, error.code, error.message);
          call.end();
        },
        begin({ method, url, route, attempt }) {
          const began = performance.now();
          const { hostname, port, protocol } = new URL(url);
          const shared: Attributes = {
            "http.request.method": method,
            "server.address": hostname,
            "server.port": port === "" ? (protocol === "http:" ? 80 : 443) : Number(port),
            "url.template": route,
          };
          const span = tracer.startSpan(
            `${method} ${route}`,
            {
              kind: client,
              attributes: {
                ...shared,
                "url.full": url,
                ...(attempt > 1 && { "http.request.resend_count": attempt - 1 }),
              },
            },
            trace.setSpan(context.active(), call),
          );
          const done = (outcome: Attributes): void => {
            span.setAttributes(outcome);
            duration.record((performance.now() - began) / 1000, { ...shared, ...outcome });
            span.end();
          };
          return {
            responded({ status }) {
              // 4xx and 5xx are errors to a client (semantic conventions, "HTTP spans: status").
              if (status >= 400) fail(span, String(status));
              done({ "http.response.status_code": status, ...(status >= 400 && { "error.type": String(status) }) });
            },
            failed(error) {
              const type = systemCode(error) ?? (error instanceof Error ? error.name : "_OTHER");
              fail(span, type);
              done({ "error.type": type });
            },
            repeated: (delayMs, reason) =>
              call.addEvent("retry", { "gitlab_agent_tools.delay_ms": Math.round(delayMs), reason }),
          };
        },
      };
    },
  };
}

function fail(span: Span, type: string, message?: string): void {
  span.setAttribute("error.type", type);
  span.setStatus({ code: failed, ...(message !== undefined && { message }) });
}
