import ky, { isHTTPError } from "ky";
import { ProblemsError } from "./problem.js";

/** How documents are read. */
export interface ReadOptions {
  readonly onProgress?: ((step: string) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
  /** After how many milliseconds without a byte a download is given up. Default: 30 seconds. */
  readonly idleTimeout?: number | undefined;
}

export const htmlInstead = "is an HTML page and not an OpenAPI document; use the raw file's URL";

const defaultIdleTimeout = 30_000;

/** How often a download says how far it is. */
const progressStep = 512 * 1024;

/**
 * The bytes at an address.
 *
 * @throws {ProblemsError} when there are none, when they are a web page's, or when none come for a while.
 */
export async function download(address: string, file: string, options: ReadOptions): Promise<Uint8Array> {
  const { signal, idleTimeout = defaultIdleTimeout, onProgress } = options;
  const idle = new AbortController();
  const timer = setTimeout(() => {
    idle.abort(refused(file, `cannot be downloaded: nothing came for ${idleTimeout / 1000} s`));
  }, idleTimeout);
  let told = 0;
  try {
    const response = await ky(address, {
      signal: signal ? AbortSignal.any([signal, idle.signal]) : idle.signal,
      // A large document takes as long as it takes, as long as something comes.
      timeout: false,
      retry: { limit: 2, shouldRetry: () => (idle.signal.aborted || signal?.aborted ? false : undefined) },
      hooks: { beforeRequest: [() => void timer.refresh()] },
      onDownloadProgress({ transferredBytes, totalBytes }) {
        timer.refresh();
        if (transferredBytes - told < progressStep) return;
        told = transferredBytes;
        // What is sent compressed is longer than it was said to be.
        const of = totalBytes > transferredBytes ? ` of ${megabytes(totalBytes)}` : "";
        onProgress?.(`Downloaded ${megabytes(transferredBytes)}${of}`);
      },
    });
    if (!response.headers.get("content-type")?.startsWith("text/html"))
      return new Uint8Array(await response.arrayBuffer());
    await response.body?.cancel();
    throw refused(file, htmlInstead);
  } catch (cause) {
    if (cause instanceof ProblemsError) throw cause;
    if (isHTTPError(cause)) {
      const { status } = cause.response;
      const hint = status === 404 ? "; is there such a release?" : "";
      throw refused(file, `cannot be downloaded: the server answered ${status}${hint}`);
    }
    const inner = cause instanceof Error && cause.cause instanceof Error ? cause.cause.message : undefined;
    const reason = inner ?? (cause instanceof Error ? cause.message : String(cause));
    throw new ProblemsError([{ file, message: `cannot be downloaded: ${reason}` }], { cause });
  } finally {
    clearTimeout(timer);
  }
}

const refused = (file: string, message: string): ProblemsError => new ProblemsError([{ file, message }]);

const megabytes = (bytes: number): string => `${(bytes / 1024 / 1024).toFixed(1)} MB`;
