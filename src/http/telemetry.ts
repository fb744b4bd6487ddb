import type { GitLabToolError } from "../errors/gitlab-tool-error.js";
import type { CallIdentity, Observer } from "./observer.js";
import { createTelemetry } from "./opentelemetry.js";

// No type of OpenTelemetry's here: products without it read this file's declarations too.

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
