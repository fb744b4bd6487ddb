import { metrics, SpanKind, SpanStatusCode, trace } from "@opentelemetry/api";
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from "@opentelemetry/sdk-metrics";
import { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } from "@opentelemetry/sdk-trace-base";
import { issuesList } from "gitlab-agent-tools/tools";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { connect, json, serve, token } from "../support/server.js";

const spans = new InMemorySpanExporter();
const exporter = new InMemoryMetricExporter(AggregationTemporality.DELTA);
const reader = new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 3_600_000 });

beforeAll(() => {
  trace.setGlobalTracerProvider(new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(spans)] }));
  metrics.setGlobalMeterProvider(new MeterProvider({ readers: [reader] }));
});
beforeEach(() => spans.reset());
afterAll(async () => {
  trace.disable();
  metrics.disable();
  await reader.shutdown();
});

test("a span per call, a client span per attempt below it, and the request's duration", async () => {
  const server = await serve((_, response, number) => {
    if (number === 1) response.writeHead(503).end();
    else json(response, []);
  });
  const { account } = await connect(server, { sleep: () => Promise.resolve() });
  await issuesList(account, { project_id: "g/p" });

  const [first, second, call] = spans.getFinishedSpans();
  const { port } = new URL(server.baseUrl);
  const route = "/api/v4/projects/{id}/issues";
  const shared = {
    "http.request.method": "GET",
    "server.address": "127.0.0.1",
    "server.port": Number(port),
    "url.template": route,
  };
  const url = `${server.baseUrl}/api/v4/projects/g%2Fp/issues`;
  expect(first).toMatchObject({
    name: `GET ${route}`,
    kind: SpanKind.CLIENT,
    status: { code: SpanStatusCode.ERROR },
    attributes: { ...shared, "url.full": url, "http.response.status_code": 503, "error.type": "503" },
  });
  expect(second).toMatchObject({
    kind: SpanKind.CLIENT,
    status: { code: SpanStatusCode.UNSET },
    attributes: { ...shared, "http.response.status_code": 200, "http.request.resend_count": 1 },
  });
  expect(call).toMatchObject({
    name: "execute_tool gitlab_issues_list",
    kind: SpanKind.INTERNAL,
    attributes: { "gen_ai.operation.name": "execute_tool", "gen_ai.tool.name": "gitlab_issues_list" },
    events: [{ name: "retry", attributes: { reason: 503 } }],
  });
  for (const attempt of [first, second]) {
    expect(attempt?.parentSpanContext?.spanId).toBe(call?.spanContext().spanId);
  }

  await reader.forceFlush();
  const [duration] = exporter
    .getMetrics()
    .flatMap(({ scopeMetrics }) => scopeMetrics.flatMap((scope) => scope.metrics));
  expect(duration?.descriptor).toMatchObject({ name: "http.client.request.duration", unit: "s" });
  expect(duration?.dataPoints.map(({ attributes }) => attributes)).toEqual([
    { ...shared, "http.response.status_code": 503, "error.type": "503" },
    { ...shared, "http.response.status_code": 200 },
  ]);
});

test("a call that fails says why, and the token is nowhere", async () => {
  const server = await serve((_, response) => response.destroy());
  const { account } = await connect(server, { limits: { attempts: 1 } });
  await issuesList(account, { project_id: 1 }).catch(() => undefined);
  const [attempt, call] = spans.getFinishedSpans();
  expect(attempt?.attributes["error.type"]).toMatch(/^(ECONNRESET|UND_ERR_SOCKET)$/);
  expect(call).toMatchObject({ status: { code: SpanStatusCode.ERROR }, attributes: { "error.type": "network_error" } });
  const shown = spans
    .getFinishedSpans()
    .map(({ name, attributes, status, events }) => ({ name, attributes, status, events }));
  expect(JSON.stringify(shown)).not.toContain(token);
});

test("can be switched off", async () => {
  const server = await serve((_, response) => json(response, []));
  const { account } = await connect(server, { telemetry: false });
  await issuesList(account, { project_id: 1 });
  expect(spans.getFinishedSpans()).toEqual([]);
});
