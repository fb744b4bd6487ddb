import type { IncomingMessage, ServerResponse } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { damage, type Fault } from "./faults.js";
import { bodyBytes, type Reply } from "./reply.js";

/** The headers of a request. Not the platform's `Headers`: with it comes all of `fetch`, at every start. */
export class RequestHeaders {
  constructor(private readonly incoming: IncomingMessage["headers"]) {}

  /** By name in small letters. */
  get(name: string): string | null {
    const value = this.incoming[name];
    return Array.isArray(value) ? value.join(", ") : (value ?? null);
  }

  has(name: string): boolean {
    return this.incoming[name] !== undefined;
  }

  *[Symbol.iterator](): Iterator<readonly [string, string]> {
    for (const name of Object.keys(this.incoming)) yield [name, this.get(name) ?? ""];
  }
}

/** The whole body; undefined when the upload broke off. */
export async function readBody(incoming: IncomingMessage): Promise<Uint8Array<ArrayBuffer> | undefined> {
  const { "content-length": length, "transfer-encoding": encoding } = incoming.headers;
  if (encoding === undefined && (length === undefined || length === "0")) return new Uint8Array();
  const pieces: Uint8Array[] = [];
  try {
    for await (const piece of incoming as AsyncIterable<Uint8Array>) pieces.push(piece);
  } catch {
    return undefined;
  }
  return new Uint8Array(Buffer.concat(pieces));
}

/** Sends a reply, spoiled by a fault where there is one. */
export async function send(outgoing: ServerResponse, reply: Reply, fault?: Fault): Promise<void> {
  const spoiled = fault === undefined ? reply : damage(fault, reply);
  if (fault?.resetMidBody === true) return breakOff(outgoing, spoiled);
  if (fault?.slowBodyMs !== undefined) return trickle(outgoing, spoiled, fault.slowBodyMs);
  const { status, headers, body } = spoiled;
  if (body === null || status === 204 || status === 304) {
    outgoing.writeHead(status, body === null && status !== 204 ? { ...headers, "content-length": "0" } : headers);
    outgoing.end();
    return;
  }
  if (typeof body === "string" || body instanceof Uint8Array) {
    outgoing.writeHead(status, { ...headers, "content-length": String(Buffer.byteLength(body)) });
    outgoing.end(body);
    return;
  }
  outgoing.writeHead(status, headers);
  // Pieces are made when the client has room for them.
  for (const piece of body) {
    if (outgoing.destroyed) return;
    if (!outgoing.write(piece)) await drained(outgoing);
  }
  outgoing.end();
}

const drained = (outgoing: ServerResponse): Promise<void> =>
  new Promise((resolve) => {
    const done = (): void => {
      outgoing.off("drain", done).off("close", done);
      resolve();
    };
    outgoing.once("drain", done).once("close", done);
  });

/** Closes the connection without a word, as a proxy does that goes down. */
export function drop(outgoing: ServerResponse): void {
  outgoing.socket?.resetAndDestroy();
}

async function breakOff(outgoing: ServerResponse, reply: Reply): Promise<void> {
  const body = bodyBytes(reply);
  outgoing.writeHead(reply.status, { ...reply.headers, "content-length": String(Math.max(2, body.length)) });
  await new Promise<void>((resolve) => {
    outgoing.write(body.slice(0, Math.max(1, Math.floor(body.length / 2))), () => {
      resolve();
    });
  });
  drop(outgoing);
}

async function trickle(outgoing: ServerResponse, reply: Reply, everyMs: number): Promise<void> {
  const body = bodyBytes(reply);
  const size = Math.max(1, Math.ceil(body.length / 10));
  outgoing.writeHead(reply.status, { ...reply.headers, "content-length": String(body.length) });
  for (let start = 0; start < body.length && !outgoing.destroyed; start += size) {
    await sleep(everyMs);
    outgoing.write(body.slice(start, start + size));
  }
  outgoing.end();
}
