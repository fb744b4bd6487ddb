import { afterAll, beforeAll } from "vitest";
import { createGitLabEmulator, type GitLabEmulator } from "../../src/testing/index.js";

/** An answer with its body read: JSON as data, anything else as text. */
export interface ApiAnswer {
  readonly status: number;
  readonly body: unknown;
  readonly headers: Headers;
}

type Options = Parameters<typeof createGitLabEmulator>[0];

/** Speaks to the seeded `acme/app` as one of its people; starts an emulator for the tests of a file. */
export interface Work {
  readonly emulator: () => GitLabEmulator;
  readonly api: (username: string, method: string, path: string, body?: unknown) => Promise<ApiAnswer>;
  readonly token: (username: string) => string;
}

/** The moment at which these tests' worlds begin. */
export const start = new Date("2026-03-04T09:30:00Z");

export function work(options: Options = {}): Work {
  let emulator: GitLabEmulator | undefined;
  const tokens = new Map<string, string>();
  const running = (): GitLabEmulator => {
    if (emulator === undefined) throw new Error("The emulator is not running yet");
    return emulator;
  };
  beforeAll(async () => {
    emulator = await createGitLabEmulator({ now: () => start, ...options });
  });
  afterAll(async () => {
    await emulator?.close();
  });
  const token = (username: string): string => {
    const known = tokens.get(username) ?? running().tokens.create({ username, scopes: ["api"] });
    tokens.set(username, known);
    return known;
  };
  return {
    emulator: running,
    token,
    api: async (username, method, path, body) => {
      const response = await fetch(
        `${running().baseUrl}/api/v4/projects/${path.startsWith("/") ? path.slice(1) : `acme%2Fapp/${path}`}`,
        {
          method,
          headers: {
            authorization: `Bearer ${token(username)}`,
            ...(body !== undefined && { "content-type": "application/json" }),
          },
          body: body === undefined ? undefined : JSON.stringify(body),
          redirect: "manual",
        },
      );
      const isJson = response.headers.get("content-type")?.includes("json") === true;
      const text = await response.text();
      return {
        status: response.status,
        headers: response.headers,
        body: isJson && text !== "" ? JSON.parse(text) : text,
      };
    },
  };
}

/** The entries of a list in an answer, each a JSON object. */
export function entries(answer: ApiAnswer): Record<string, unknown>[] {
  if (answer.status !== 200 || !Array.isArray(answer.body)) throw new Error(`Not a list: ${JSON.stringify(answer)}`);
  return answer.body.map(object);
}

/** A JSON object, such as the body of an answer. */
export function object(value: unknown): Record<string, unknown> {
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw new Error(`Not an object: ${String(value)}`);
  return { ...value };
}
