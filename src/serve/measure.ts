import { loadDurations } from "../web/durations.js";

/** A request that has been answered. */
export interface Measured {
  readonly method: string;
  readonly status: number;
  /** As the document writes it. */
  readonly route?: string | undefined;
  readonly code?: string | undefined;
}

const known = new Set(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]);

/**
 * The metric `http.server.request.duration`; nothing in it is a client's own words.
 *
 * @see https://opentelemetry.io/docs/specs/semconv/http/http-metrics/
 */
export async function loadMeasure(): Promise<((measured: Measured, seconds: number) => void) | undefined> {
  const record = await loadDurations("http.server.request.duration", "Duration of HTTP server requests.");
  return (
    record &&
    (({ method, status, route, code }, seconds) =>
      record(seconds, {
        "http.request.method": known.has(method) ? method : "_OTHER",
        "http.response.status_code": status,
        ...(route !== undefined && { "http.route": route }),
        ...(code !== undefined && { "error.type": code }),
      }))
  );
}
