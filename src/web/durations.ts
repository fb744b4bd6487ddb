import type * as OpenTelemetry from "@opentelemetry/api";
import { version } from "../version.js";

/** Records how long something took. */
export type RecordDuration = (seconds: number, attributes: OpenTelemetry.Attributes) => void;

/** Bounds in seconds, as the semantic conventions advise, with longer ones for calls that wait. */
const boundaries = [0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30, 60, 120, 300];

const loaded = new Map<string, Promise<RecordDuration | undefined>>();

/** A histogram of durations, where the product has OpenTelemetry installed; it is looked for once. */
export function loadDurations(name: string, description: string): Promise<RecordDuration | undefined> {
  const known = loaded.get(name);
  if (known) return known;
  // The module's name is not a literal, so that bundlers leave the optional package alone.
  const module = "@opentelemetry/api";
  const loading = import(module).then(
    (api: typeof OpenTelemetry) => createDurations(api, name, description),
    () => undefined,
  );
  loaded.set(name, loading);
  return loading;
}

function createDurations({ metrics }: typeof OpenTelemetry, name: string, description: string): RecordDuration {
  let made: { readonly of: OpenTelemetry.MeterProvider; readonly histogram: OpenTelemetry.Histogram } | undefined;
  return (seconds, attributes) => {
    const of = metrics.getMeterProvider();
    // The product may set its provider after our first operation.
    if (made?.of !== of) {
      const advice = { explicitBucketBoundaries: boundaries };
      const histogram = of
        .getMeter("gitlab-agent-tools", version)
        .createHistogram(name, { description, unit: "s", advice });
      made = { of, histogram };
    }
    made.histogram.record(seconds, attributes);
  };
}
