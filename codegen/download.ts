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
  const { signal, idleTimeout = defaultIdleTimeout } = options;
  const idle = new AbortController();
  const giveUp = (): void => {
    idle.abort(refused(file, `cannot be downloaded: nothing came for ${idleTimeout / 1000} s`));
  };
  let timer = setTimeout(giveUp, idleTimeout);
  try {
    const response = await fetch(address, { signal: signal ? AbortSignal.any([signal, idle.signal]) : idle.signal });
    if (!response.ok) {
      await response.body?.cancel();
      const hint = response.status === 404 ? "; is there such a release?" : "";
      throw refused(file, `cannot be downloaded: the server answered ${response.status}${hint}`);
    }
    if (response.headers.get("content-type")?.startsWith("text/html")) {
      await response.body?.cancel();
      throw refused(file, htmlInstead);
    }
    const chunks: Uint8Array[] = [];
    let length = 0;
    let told = 0;
    const total = Number(response.headers.get("content-length") ?? 0);
    const body: ReadableStream<Uint8Array> | null = response.body;
    const reader = body?.getReader();
    for (;;) {
      clearTimeout(timer);
      timer = setTimeout(giveUp, idleTimeout);
      const part = await reader?.read();
      if (part?.value === undefined) break;
      chunks.push(part.value);
      length += part.value.length;
      if (length - told < progressStep) continue;
      told = length;
      // What is sent compressed is longer than it was said to be.
      options.onProgress?.(`Downloaded ${megabytes(length)}${total >= length ? ` of ${megabytes(total)}` : ""}`);
    }
    return Buffer.concat(chunks);
  } catch (cause) {
    if (cause instanceof ProblemsError) throw cause;
    const inner = cause instanceof Error && cause.cause instanceof Error ? cause.cause.message : undefined;
    const reason = inner ?? (cause instanceof Error ? cause.message : String(cause));
    throw new ProblemsError([{ file, message: `cannot be downloaded: ${reason}` }], { cause });
  } finally {
    clearTimeout(timer);
  }
}

const refused = (file: string, message: string): ProblemsError => new ProblemsError([{ file, message }]);

const megabytes = (bytes: number): string => `${(bytes / 1024 / 1024).toFixed(1)} MB`;
