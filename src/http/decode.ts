import { pipeline, type Readable, type Transform } from "node:stream";
import { createBrotliDecompress, createGunzip, createInflate } from "node:zlib";
import { GitLabToolError } from "../errors/gitlab-tool-error.js";

/** What we ask for, and can undo (RFC 9110, section 8.4.1). */
export const acceptEncoding = "gzip, br";

const decoders: Readonly<Record<string, () => Transform>> = {
  gzip: createGunzip,
  "x-gzip": createGunzip,
  deflate: createInflate,
  br: createBrotliDecompress,
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
 * A body with its encodings undone. Errors of the body and of the decoders end the stream; destroying it ends all.
 *
 * @throws {GitLabToolError} `gitlab_unavailable` for encodings that nobody asked for
 */
export function decode(body: Readable, encodings: readonly string[]): Readable {
  const stages = encodings.length <= mostEncodings ? encodings.map((name) => decoders[name]) : [undefined];
  const made: Transform[] = [];
  for (const stage of stages.toReversed()) {
    if (!stage) throw unknownEncoding(encodings);
    made.push(stage());
  }
  const last = made.at(-1);
  if (!last) return body;
  pipeline([body, ...made], () => undefined);
  return last;
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
