import type { Served } from "./endpoints.js";
import type { Values } from "./parameters.js";
import type { RequestHeaders } from "./wire.js";

/** A request as it arrived, without the token and without secrets in its body. */
export interface RecordedRequest {
  readonly method: string;
  /** As in the request line, path prefix left out: still encoded. */
  readonly path: string;
  /** The query as in the request line, without `?`. */
  readonly query: string;
  readonly headers: Readonly<Record<string, string>>;
  /** The parameters of the body; secrets of the OAuth endpoints are replaced by `[secret]`. */
  readonly body: Readonly<Record<string, unknown>>;
  /** The status of the answer; 0 as long as there is none, and when the connection was reset instead. */
  readonly status: number;
  /** The owner of the token, be it valid or not. */
  readonly username: string | undefined;
  /** How the token was sent. */
  readonly credentials: "bearer" | "private-token" | "none";
  readonly operationId: string | undefined;
  /** What answered it: hand-written code, a declared resource, the specification, a test's own answer, a fault … */
  readonly servedBy: ServedBy;
  /** The body's length in bytes. Bodies above 64 KiB are not kept. */
  readonly bodyBytes: number;
  /** What of the request the emulator did not act upon as GitLab would, such as `include` of a CI configuration. */
  readonly warnings: readonly string[];
  readonly requestId: string;
  readonly at: Date;
}

/** What can answer a request. */
export type ServedBy = Served | "custom" | "fault" | "conditions" | "oauth" | "graphql" | "none";

/** So many requests are remembered. */
export const maxRequests = 10_000;
/** Bodies up to so many bytes are kept. */
export const maxBodyBytes = 64 * 1024;

/** A record that is still being written. */
export type OpenRecord = { -readonly [Key in keyof RecordedRequest]: RecordedRequest[Key] };

const secretHeaders = new Set(["authorization", "private-token", "cookie"]);
const secretFields = new Set([
  "client_secret",
  "code",
  "code_verifier",
  "device_code",
  "password",
  "refresh_token",
  "token",
]);

export const plainHeaders = (headers: RequestHeaders): Record<string, string> =>
  Object.fromEntries([...headers].filter(([name]) => !secretHeaders.has(name)));

export const credentialsOf = (headers: RequestHeaders): RecordedRequest["credentials"] =>
  headers.has("authorization") ? "bearer" : headers.has("private-token") ? "private-token" : "none";

export const withoutSecrets = (values: Values): Values =>
  Object.fromEntries(Object.entries(values).map(([key, value]) => [key, secretFields.has(key) ? "[secret]" : value]));
