import type * as Zlib from "node:zlib";
import { lazily } from "../lazily.js";
import type { Reply } from "./reply.js";
import { bodyBytes, jsonReply } from "./reply.js";

const zlib = lazily<typeof Zlib>("node:zlib");

/** A mishap for requests that match. What is left out does not restrict; several mishaps can be combined. */
export interface Fault {
  /** Restricts to a method, such as `"POST"`. */
  readonly method?: string;
  /** Restricts by path, path prefix left out (`/api/v4/…`, `/oauth/token`): a part of it, or an expression. */
  readonly path?: string | RegExp;
  /** Restricts to an operation of the REST API. */
  readonly operationId?: string;
  /** Restricts to requests with a token of this user. */
  readonly username?: string;
  /** Lets so many matching requests pass first. Default 0. */
  readonly after?: number;
  /** Strikes so many times. Default 1; `Infinity` until removed. */
  readonly times?: number;

  /** Waits so long, in milliseconds, before anything else. */
  readonly delayMs?: number;
  /** Answers this status instead of acting on the request. */
  readonly status?: number;
  /** Goes with {@link status}: a string is sent as it is, anything else as JSON. */
  readonly body?: unknown;
  /** Goes with {@link status}, or is added to the real answer. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Closes the connection without an answer: before acting on the request, or after having acted. */
  readonly reset?: "before" | "after";
  /** Sends the head and half of the body, then resets the connection. */
  readonly resetMidBody?: boolean;
  /** Sends a complete answer with only the first half of its body. */
  readonly truncate?: boolean;
  /** Sends the body in small pieces with so many milliseconds between them. */
  readonly slowBodyMs?: number;
  /** Says that the body is gzip and sends a damaged stream. */
  readonly badGzip?: boolean;
}

/** What a fault is matched against. */
export interface FaultTarget {
  readonly method: string;
  readonly path: string;
  readonly operationId: string | undefined;
  readonly username: string | undefined;
}

/** A fault that was added. */
export interface FaultHandle {
  /** How often it has struck. */
  readonly strikes: number;
  remove(): void;
}

interface Armed extends FaultHandle {
  readonly fault: Fault;
  seen: number;
  strikes: number;
}

/** The faults of an emulator. The oldest one that matches and is not used up strikes. */
export class Faults {
  readonly #armed: Armed[] = [];

  /** Arms a fault. */
  add(fault: Fault): FaultHandle {
    const armed: Armed = {
      fault,
      seen: 0,
      strikes: 0,
      remove: () => {
        const index = this.#armed.indexOf(armed);
        if (index >= 0) this.#armed.splice(index, 1);
      },
    };
    this.#armed.push(armed);
    return armed;
  }

  /** Removes all faults. */
  clear(): void {
    this.#armed.length = 0;
  }

  /** The fault that strikes a request, if any; counts it. */
  strike(target: FaultTarget): Fault | undefined {
    for (const armed of this.#armed) {
      const { fault } = armed;
      if (!matches(fault, target) || armed.strikes >= (fault.times ?? 1)) continue;
      armed.seen += 1;
      if (armed.seen <= (fault.after ?? 0)) continue;
      armed.strikes += 1;
      return fault;
    }
    return undefined;
  }
}

function matches(fault: Fault, target: FaultTarget): boolean {
  const { path } = fault;
  return (
    (fault.method === undefined || fault.method.toUpperCase() === target.method) &&
    (fault.operationId === undefined || fault.operationId === target.operationId) &&
    (fault.username === undefined || fault.username === target.username) &&
    (path === undefined || (typeof path === "string" ? target.path.includes(path) : target.path.search(path) >= 0))
  );
}

/** The answer that a fault gives in place of GitLab's. */
export function faultReply(fault: Fault, status: number): Reply {
  const { body, headers = {} } = fault;
  if (body === undefined || body === null) return { status, headers, body: null };
  if (typeof body !== "string") return jsonReply(status, body, headers);
  const html = body.trimStart().startsWith("<");
  return { status, headers: { "content-type": html ? "text/html" : "text/plain", ...headers }, body };
}

/** Changes that leave an answer complete for HTTP, but wrong. */
export function damage(fault: Fault, reply: Reply): Reply {
  let result: Reply = { ...reply, headers: { ...reply.headers, ...fault.headers } };
  if (fault.truncate === true) {
    const whole = bodyBytes(result);
    result = { ...result, body: whole.slice(0, Math.floor(whole.length / 2)) };
  }
  if (fault.badGzip === true) {
    const packed = new Uint8Array(zlib().gzipSync(bodyBytes(result)));
    // The stream's head stays, so that a client begins to unpack; what follows makes no sense.
    packed.fill(0xff, Math.min(12, packed.length - 1));
    result = { ...result, headers: { ...result.headers, "content-encoding": "gzip" }, body: packed };
  }
  return result;
}
