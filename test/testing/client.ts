import { afterAll, beforeAll } from "vitest";
import { createGitLabEmulator, type EmulatorOptions, type GitLabEmulator } from "../../src/testing/index.js";

/** An answer with its body read: JSON as data, anything else as text. */
export interface Reply {
  readonly status: number;
  readonly headers: Headers;
  readonly body: unknown;
}

/** A clock that tests move. */
export class Clock {
  #now: number;

  constructor(start = "2026-03-04T09:30:00Z") {
    this.#now = Date.parse(start);
  }

  readonly now = (): Date => new Date(this.#now);

  advance(seconds: number): void {
    this.#now += seconds * 1000;
  }
}

/** How a request differs from a plain GET. */
export interface Sending {
  readonly as?: string;
  readonly token?: string;
  readonly method?: string;
  readonly json?: unknown;
  readonly form?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
}

/** An emulator for the tests of a file, and a way to speak to it. */
export interface Setup {
  readonly emulator: () => GitLabEmulator;
  readonly clock: Clock;
  readonly send: (path: string, sending?: Sending) => Promise<Reply>;
  /** Sends to the REST API. */
  readonly api: (path: string, sending?: Sending) => Promise<Reply>;
  readonly token: (username: string) => string;
}

export function setup(options: EmulatorOptions = {}): Setup {
  const clock = new Clock();
  let running: GitLabEmulator | undefined;
  const emulator = (): GitLabEmulator => {
    if (running === undefined) throw new Error("The emulator is not running yet");
    return running;
  };
  beforeAll(async () => {
    running = await createGitLabEmulator({ now: clock.now, ...options });
  });
  afterAll(async () => {
    await running?.close();
  });
  const tokens = new Map<string, string>();
  const token = (username: string): string => {
    const known = tokens.get(username) ?? emulator().tokens.create({ username, scopes: ["api"] });
    tokens.set(username, known);
    return known;
  };
  const send = async (path: string, sending: Sending = {}): Promise<Reply> => {
    const { as: username, json, form } = sending;
    const given = sending.token ?? (username === undefined ? undefined : token(username));
    const body =
      json === undefined ? (form === undefined ? undefined : new URLSearchParams(form)) : JSON.stringify(json);
    const response = await fetch(emulator().baseUrl + path, {
      method: sending.method ?? (body === undefined ? "GET" : "POST"),
      headers: {
        ...(given === undefined ? {} : { authorization: `Bearer ${given}` }),
        ...(json === undefined ? {} : { "content-type": "application/json" }),
        ...sending.headers,
      },
      body,
      redirect: "manual",
    });
    const text = await response.text();
    const isJson = response.headers.get("content-type")?.includes("json") === true && text !== "";
    return { status: response.status, headers: response.headers, body: isJson ? JSON.parse(text) : text };
  };
  return { emulator, clock, send, token, api: (path, sending) => send(`/api/v4${path}`, sending) };
}

/** A value of an object in an answer. */
export function field(body: unknown, ...path: readonly (string | number)[]): unknown {
  return path.reduce<unknown>((value, key) => {
    if (typeof value !== "object" || value === null)
      throw new Error(`${path.join(".")} is not in ${JSON.stringify(body)}`);
    return (value as Record<string | number, unknown>)[key];
  }, body);
}

/** A field of every entry of a list. */
export function pluck(body: unknown, name: string): unknown[] {
  if (!Array.isArray(body)) throw new Error(`Not a list: ${JSON.stringify(body)}`);
  return body.map((entry) => field(entry, name));
}
