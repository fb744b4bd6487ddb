import type * as OpenTelemetry from "@opentelemetry/api";
import type * as Prometheus from "@opentelemetry/exporter-prometheus";
import type * as Sdk from "@opentelemetry/sdk-metrics";
import { UsageError } from "./output.js";

/** They are optional: whoever wants no metrics installs nothing for them. */
const packages = ["@opentelemetry/api", "@opentelemetry/sdk-metrics", "@opentelemetry/exporter-prometheus"] as const;

async function load(): Promise<readonly [typeof OpenTelemetry, typeof Sdk, typeof Prometheus]> {
  const [api, sdk, prometheus] = packages;
  try {
    return (await Promise.all([import(api), import(sdk), import(prometheus)])) as [
      typeof OpenTelemetry,
      typeof Sdk,
      typeof Prometheus,
    ];
  } catch (error) {
    throw new UsageError(`--metrics-port needs packages that are not installed: npm install ${packages.join(" ")}`, {
      cause: error,
    });
  }
}

/**
 * Serves what OpenTelemetry measures of this process at `/metrics`, in the words of Prometheus. On a port of its own: a
 * proxy that passes the server's port on does not show the figures to everybody.
 *
 * @returns stops it
 * @throws {UsageError} where OpenTelemetry is not installed, or nothing can listen there
 */
export async function serveMetrics({ host, port }: { readonly host: string; readonly port: number }) {
  const [{ metrics }, { MeterProvider }, { PrometheusExporter }] = await load();
  const exporter = new PrometheusExporter({ host, port, endpoint: "/metrics", preventServerStart: true });
  const provider = new MeterProvider({ readers: [exporter] });
  metrics.setGlobalMeterProvider(provider);
  const stop = async (): Promise<void> => {
    metrics.disable();
    await provider.shutdown();
  };
  try {
    await exporter.startServer();
  } catch (error) {
    await stop();
    const why = error instanceof Error ? error.message : String(error);
    throw new UsageError(`--metrics-port: ${why}`, { cause: error });
  }
  return stop;
}
