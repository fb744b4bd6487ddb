import { pipeline, type Readable, type Transform } from "node:stream";
import {
  brotliDecompressSync,
  createBrotliDecompress,
  createGunzip,
  createInflate,
  gunzipSync,
  inflateSync,
} from "node:zlib";
import { GitLabToolError } from "../errors/gitlab-tool-error.js";

/** What we ask for, and can undo (RFC 9110, section 8.4.1). */
export const acceptEncoding = "gzip, br";

export interface Decoder {
  readonly stream: () => Transform;
  readonly whole: (bytes: Uint8Array, limits: { readonly maxOutputLength: number }) => Buffer;
}

const gzip: Decoder = { stream: createGunzip, whole: gunzipSync };
const known: Readonly<Record<string, Decoder>> = {
  gzip,
  "x-gzip": gzip,
  deflate: { stream: createInflate, whole: inflateSync },
  br: { stream: createBrotliDecompress, whole: brotliDecompressSync },
};

/** Nobody encodes twice on purpose; a long list is meant to cost its reader something. */
const mostEncodings = 2;

/** The encodings of a body in the order in which they were applied; `identity` is none. */
export function encodingsOf(header: string | null): readonly string[] {
  if (header === null || header === "") return [];
  const names = header.split(",").map((name) => name.trim().toLowerCase());
  return names.filter((name) => name !== "" && name !== "identity");
}

/**
 * The decoders of a body, in the order in which they are applied.
 *
 * @throws {GitLabToolError} `gitlab_unavailable` for encodings that nobody asked for
 */
export function decodersOf(encodings: readonly string[]): readonly Decoder[] {
  const decoders = encodings.flatMap((name) => (Object.hasOwn(known, name) ? (known[name] ?? []) : []));
  if (encodings.length > mostEncodings || decoders.length < encodings.length) throw unknownEncoding(encodings);
  return decoders.toReversed();
}

/** A body with its encodings undone. Errors of the body and of the decoders end the stream; destroying it ends all. */
export function decode(body: Readable, decoders: readonly Decoder[]): Readable {
  const made = decoders.map(({ stream }) => stream());
  const last = made.at(-1);
  if (!last) return body;
  pipeline([body, ...made], () => undefined);
  return last;
}

/** What takes no longer to decode than is good for everybody else in the process. */
const mostAtOnce = 1024 * 1024;

/**
 * A short body with its encodings undone, at once: a stream for it costs more than the rest of a call. `undefined` where
 * it becomes too long for that.
 */
export function decodeShort(body: Uint8Array, decoders: readonly Decoder[]): Uint8Array | undefined {
  try {
    return decoders.reduce((bytes, { whole }) => whole(bytes, { maxOutputLength: mostAtOnce }), body);
  } catch (error) {
    if (error instanceof RangeError && "code" in error && error.code === "ERR_BUFFER_TOO_LARGE") return undefined;
    throw error;
  }
}

function unknownEncoding(encodings: readonly string[]): GitLabToolError {
  const shown = encodings.map((name) => (/^[\w.-]{1,20}$/.test(name) ? name : "?")).slice(0, 6);
  return new GitLabToolError({
    code: "gitlab_unavailable",
    message: `GitLab's answer is encoded as ${shown.join(", ")}, which was not asked for and cannot be undone.`,
    hint: "Something between here and GitLab encodes answers in its own way: check the proxy in front of the instance.",
  });
}

/** Whether an error is a decoder's: zlib names its errors `Z_…`, those of Brotli `ERR_…`. */
export function isDecodingError(error: unknown): error is Error & { readonly code: string } {
  if (!(error instanceof Error) || !("code" in error) || typeof error.code !== "string") return false;
  return /^(?:Z_|ERR__ERROR|ERR_BROTLI)/.test(error.code);
}

export function damagedEncoding(code: string): GitLabToolError {
  return new GitLabToolError({
    code: "network_error",
    message: `GitLab's answer is damaged: it cannot be unpacked (${code}).`,
    hint: "The answer was damaged on its way: call again.",
    retryable: true,
    details: { systemCode: code },
  });
}
