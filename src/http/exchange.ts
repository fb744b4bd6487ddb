import { Readable } from "node:stream";
import type { Dispatcher } from "undici";
import { abortReason, unlessAborted, whenAborted } from "./budget.js";
import { damagedEncoding, decode, decodersOf, decodeShort, encodingsOf, isDecodingError } from "./decode.js";
import { bodiless, statedLength } from "./head.js";
import type { HeaderReader, HttpResponse, ResponseBody } from "./transport.js";

type Controller = Dispatcher.DispatchController;
type Headers = Readonly<Record<string, string | string[] | undefined>>;

/** What has come and is not read yet; more waits in the connection. */
const mostUnread = 64 * 1024;
/** A rest that is shorter is read, so that the connection can be used again. */
const shortBytes = 16 * 1024;
const shortMs = 1000;

/**
 * A request under way and, once its head has come, the body of its response, as undici's dispatchers tell of them
 * (https://undici.nodejs.org/#/docs/api/Dispatcher). undici's `request` would make a stream of each body, which costs
 * more than the rest of a short response.
 */
export class Exchange implements Dispatcher.DispatchHandler, ResponseBody {
  /** Settles when the head has come. */
  readonly response: Promise<HttpResponse>;
  length: number | undefined;

  #resolve: (response: HttpResponse) => void = () => undefined;
  #reject: (error: Error) => void = () => undefined;
  readonly #ignoreSignal: () => void;
  #controller: Controller | undefined;
  #encodings: readonly string[] = [];
  /** The length of the body before it is decoded, where the head says so. */
  #stated: number | undefined;
  #unread: Buffer[] = [];
  #unreadBytes = 0;
  #mostUnread = mostUnread;
  #hasEnded = false;
  #error: Error | undefined;
  /** What comes is of use to nobody. */
  #isLeft = false;
  #patience: NodeJS.Timeout | undefined;
  /** Wakes the reader when something has come, or nothing will any more. */
  #wake: (() => void) | undefined;

  /** @param signal ends sending and reading; has not aborted yet */
  constructor(private readonly signal: AbortSignal) {
    this.response = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    this.#ignoreSignal = whenAborted(signal, () => this.#abort(abortReason(signal)));
  }

  onRequestStart(controller: Controller): void {
    this.#controller = controller;
    if (this.#error) controller.abort(this.#error);
  }

  onResponseStart(_: Controller, status: number, fields: Headers): void {
    // An interim response; the final one is still to come (RFC 9110, section 15.2).
    if (status < 200) return;
    const headers = readerOf(fields);
    const isBodiless = bodiless.has(status);
    const encoding = isBodiless ? null : headers.get("content-encoding");
    if (encoding !== null) this.#encodings = encodingsOf(encoding);
    this.#stated = isBodiless ? 0 : statedLength(headers.get("content-length"));
    if (this.#encodings.length === 0) this.length = this.#stated;
    this.#resolve({ status, headers, body: this });
  }

  onResponseData(controller: Controller, chunk: Buffer): void {
    if (this.#isLeft) return;
    this.#unread.push(chunk);
    this.#unreadBytes += chunk.byteLength;
    if (this.#unreadBytes >= this.#mostUnread) controller.pause();
    this.#wake?.();
  }

  onResponseEnd(): void {
    this.#hasEnded = true;
    this.#settle();
  }

  onResponseError(_: Controller | undefined, error: Error): void {
    if (this.#hasEnded) return;
    this.#error ??= error;
    this.#reject(error);
    this.#settle();
  }

  async whole(): Promise<Uint8Array> {
    const length = this.length ?? 0;
    this.#mostUnread = Infinity;
    await this.#untilUnread(length + 1);
    if (this.#unreadBytes > length) throw this.#abort(new Error("The body is longer than its head says"));
    return this.#allUnread();
  }

  chunks(): AsyncGenerator<Uint8Array, void, undefined> {
    return this.#encodings.length === 0 ? this.#raw() : this.#decoded();
  }

  cancel(): void {
    if (this.#hasEnded || this.#error || this.#isLeft) return;
    if (this.#stated === undefined || this.#stated > shortBytes) {
      this.#abort(new Error("The rest is left unread"));
      return;
    }
    this.#isLeft = true;
    this.#unread = [];
    this.#ignoreSignal();
    this.#patience = setTimeout(() => this.#abort(new Error("The rest takes too long")), shortMs).unref();
    this.#controller?.resume();
  }

  async *#raw(): AsyncGenerator<Uint8Array, void, undefined> {
    try {
      for (;;) {
        if (this.#error) throw this.#error;
        const chunk = this.#unread.shift();
        if (chunk) {
          this.#unreadBytes -= chunk.byteLength;
          yield chunk;
        } else if (this.#hasEnded) return;
        else await this.#more();
      }
    } finally {
      this.#abort(new Error("The rest is left unread"));
    }
  }

  async *#decoded(): AsyncGenerator<Uint8Array, void, undefined> {
    try {
      const decoders = decodersOf(this.#encodings);
      await this.#untilUnread(mostUnread);
      const short = this.#hasEnded && decodeShort(this.#allUnread(), decoders);
      if (short) return yield short;
      const decoded = decode(Readable.from(this.#raw(), { objectMode: false }), decoders);
      const chunks = decoded[Symbol.asyncIterator]() as AsyncIterator<Uint8Array, undefined>;
      try {
        for (;;) {
          // Some damage makes a decoder wait for ever.
          const { done, value } = await unlessAborted(chunks.next(), this.signal);
          if (done) return;
          yield value;
        }
      } finally {
        decoded.destroy();
      }
    } catch (error) {
      throw isDecodingError(error) ? damagedEncoding(error.code) : error;
    } finally {
      this.#abort(new Error("The rest is left unread"));
    }
  }

  /** Waits until so many bytes are unread, or no more come. */
  async #untilUnread(bytes: number): Promise<void> {
    while (!this.#hasEnded && !this.#error && this.#unreadBytes < bytes) await this.#more();
    if (this.#error) throw this.#error;
  }

  /** In one piece. It stays unread. */
  #allUnread(): Buffer {
    const [first] = this.#unread;
    const all = first && this.#unread.length === 1 ? first : Buffer.concat(this.#unread);
    this.#unread = [all];
    return all;
  }

  #more(): Promise<void> {
    const more = new Promise<void>((resolve) => {
      this.#wake = resolve;
    });
    // What waits in the connection may come at once.
    this.#controller?.resume();
    return more;
  }

  /** Ends the connection, unless the response has come to its end. */
  #abort(error: Error): Error {
    this.onResponseError(undefined, error);
    if (!this.#hasEnded) this.#controller?.abort(error);
    return error;
  }

  #settle(): void {
    this.#ignoreSignal();
    clearTimeout(this.#patience);
    this.#wake?.();
  }
}

function readerOf(headers: Headers): HeaderReader {
  const get = (name: string): string | null => {
    const key = name.toLowerCase();
    const value = Object.hasOwn(headers, key) ? headers[key] : undefined;
    return value === undefined ? null : typeof value === "string" ? value : value.join(", ");
  };
  return { get, has: (name) => get(name) !== null };
}
