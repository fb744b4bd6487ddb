import type { Readable, Writable } from "node:stream";
import {
  isInitializeRequest,
  isJSONRPCRequest,
  parseJSONRPCMessage,
  type JSONRPCMessage,
  type Transport,
} from "@modelcontextprotocol/server";
import { withObjectArguments } from "./object-arguments.js";

export interface StdioOptions {
  readonly input: Readable;
  readonly output: Writable;
  /** The longest message that is read, in bytes. Default: 10 MiB. */
  readonly maxMessageBytes?: number;
}

type Id = string | number;

/** Answers to the requests of one batch: they go out together, when the last is there. */
interface Batch {
  readonly waiting: Set<Id>;
  readonly answers: JSONRPCMessage[];
}

/** The last revision with batches is 2025-03-26 (Model Context Protocol, "Key changes" of 2025-06-18). */
const hasBatches = (version: string): boolean => version <= "2025-03-26";

/** JSON-RPC 2.0, section 5.1. */
const codes = { parse: -32_700, invalid: -32_600 } as const;

/**
 * Messages on standard input and output, a line each. What is no message, or too long for one, is answered as JSON-RPC
 * wants it, and the next line is read. Ends when it is closed: whoever has sent requests and then the end of the input
 * still gets the answers.
 */
export function stdioTransport({ input, output, maxMessageBytes = 10 * 1024 * 1024 }: StdioOptions): Transport {
  let version: string | undefined;
  let pieces: Buffer[] = [];
  let length = 0;
  /** The rest of a message that is too long. */
  let skipping = false;
  let closed = false;
  const batches = new Set<Batch>();

  /** Ends when the output takes more, or takes nothing ever again. */
  let drained: Promise<void> | undefined;
  const drain = (): Promise<void> =>
    (drained ??= new Promise((resolve) => {
      const done = (): void => {
        drained = undefined;
        output.off("drain", done).off("close", done).off("error", done);
        resolve();
      };
      output.once("drain", done).once("close", done).once("error", done);
    }));

  async function write(value: unknown): Promise<void> {
    if (closed || output.destroyed) return;
    if (!output.write(`${JSON.stringify(value)}\n`)) await drain();
  }

  function refuse(code: number, message: string, id: unknown = null): void {
    const known = typeof id === "string" || typeof id === "number" ? id : null;
    void write({ jsonrpc: "2.0", id: known, error: { code, message } });
  }

  function take(value: unknown): JSONRPCMessage | undefined {
    try {
      return parseJSONRPCMessage(withObjectArguments(value));
    } catch {
      refuse(codes.invalid, "This is no JSON-RPC 2.0 message.", idOf(value));
      return undefined;
    }
  }

  function deliver(message: JSONRPCMessage): void {
    if (isInitializeRequest(message)) version ??= message.params.protocolVersion;
    if ("method" in message && message.method === "notifications/cancelled") {
      // What is cancelled gets no answer, and nothing waits for it.
      for (const batch of batches) settle(batch, message.params?.["requestId"]);
    }
    transport.onmessage?.(message);
  }

  function settle(batch: Batch, id: unknown, answer?: JSONRPCMessage): void {
    if ((typeof id !== "string" && typeof id !== "number") || !batch.waiting.delete(id)) return;
    if (answer) batch.answers.push(answer);
    if (batch.waiting.size > 0) return;
    batches.delete(batch);
    if (batch.answers.length > 0) void write(batch.answers);
  }

  function takeBatch(values: readonly unknown[]): void {
    if (version === undefined || !hasBatches(version) || values.length === 0) {
      refuse(
        codes.invalid,
        values.length === 0 ? "The batch is empty." : "Batches are not taken: send one message a line.",
      );
      return;
    }
    const messages = values.flatMap((value) => take(value) ?? []);
    const requests = messages.flatMap((message): Id[] => (isJSONRPCRequest(message) ? [message.id] : []));
    if (requests.length > 0) batches.add({ waiting: new Set(requests), answers: [] });
    for (const message of messages) deliver(message);
  }

  function line(bytes: Buffer): void {
    const text = bytes.toString("utf8").trim();
    if (text === "") return;
    let value: unknown;
    try {
      value = JSON.parse(text);
    } catch {
      refuse(codes.parse, "This line is not JSON.");
      return;
    }
    if (Array.isArray(value)) return takeBatch(value);
    const message = take(value);
    if (message) deliver(message);
  }

  function onData(chunk: Buffer): void {
    let start = 0;
    for (let end = chunk.indexOf(10); end >= 0 && !closed; end = chunk.indexOf(10, start)) {
      keep(chunk.subarray(start, end));
      if (!skipping) line(Buffer.concat(pieces));
      pieces = [];
      length = 0;
      skipping = false;
      start = end + 1;
    }
    keep(chunk.subarray(start));
  }

  function keep(piece: Buffer): void {
    if (skipping) return;
    length += piece.length;
    if (length <= maxMessageBytes) {
      if (piece.length > 0) pieces.push(piece);
      return;
    }
    skipping = true;
    pieces = [];
    refuse(codes.invalid, `A message is longer than ${maxMessageBytes} bytes.`);
  }

  const onError = (error: Error): void => transport.onerror?.(error);

  const transport: Transport = {
    start() {
      input.on("data", onData).on("error", onError);
      return Promise.resolve();
    },
    async send(message) {
      const batch =
        "id" in message && !("method" in message)
          ? [...batches].find(({ waiting }) => message.id !== undefined && waiting.has(message.id))
          : undefined;
      if (batch && "id" in message) settle(batch, message.id, message);
      else await write(message);
    },
    close() {
      if (closed) return Promise.resolve();
      closed = true;
      input.off("data", onData).off("error", onError);
      input.pause();
      transport.onclose?.();
      return Promise.resolve();
    },
    setProtocolVersion(agreed) {
      version = agreed;
    },
  };
  return transport;
}

const idOf = (value: unknown): unknown =>
  typeof value === "object" && value !== null ? Reflect.get(value, "id") : undefined;
