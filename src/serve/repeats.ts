import { createHash } from "node:crypto";
import type { SealedRows } from "../web/sealed-rows.js";
import type { ApiKey } from "./api-keys.js";
import { refuse, type GatewayAnswer } from "./answers.js";

/** What is known of a request with an `Idempotency-Key`. */
export interface Kept {
  /** Of the request, and of what its key could do: another request is not answered with this one's answer. */
  readonly fingerprint: string;
  /** When it began, in milliseconds since 1970. */
  readonly since: number;
  /** Absent while it is under way, and for ever where its process has died. */
  readonly answer?: GatewayAnswer;
}

export type Repeats = (
  request: { readonly apiKey: ApiKey; readonly idempotencyKey: string; readonly what: string },
  work: () => Promise<GatewayAnswer>,
) => Promise<GatewayAnswer>;

const keptMs = 24 * 3_600_000;
/** No call takes longer: what began earlier has died with its process. */
const longestMs = 11 * 60_000;
/** More is not kept: the next one hears that it was carried out, and has to look. */
const longestAnswer = 512 * 1024;

const hash = (value: unknown): string => createHash("sha256").update(JSON.stringify(value)).digest("base64url");

/**
 * Carries a request out once, however often it comes within a day, in whichever process.
 *
 * @see https://datatracker.ietf.org/doc/draft-ietf-httpapi-idempotency-key-header/
 */
export function createRepeats(rows: SealedRows<Kept>, now: () => number, onError: (error: unknown) => void): Repeats {
  async function keep(id: string, begun: Kept, answer: GatewayAnswer): Promise<void> {
    if (answer.retryable) return void (await rows.take(id));
    const kept = answer.body.length <= longestAnswer ? answer : tooLong;
    const found = await rows.get(id);
    if (found) await rows.replace(id, found, { ...begun, answer: kept }, keptMs);
  }

  return async ({ apiKey, idempotencyKey, what }, work) => {
    const { namespace, scopes, access, connections, projects, groups } = apiKey;
    // A key that has replaced another is the same product, and can do the same.
    const id = hash([namespace, idempotencyKey]);
    const fingerprint = hash([what, [scopes, access, connections, projects, groups]]);
    const begun: Kept = { fingerprint, since: now() };
    if (!(await rows.add(id, begun, keptMs))) {
      const found = await rows.get(id);
      return found ? again(found.value, fingerprint, now()) : underWay;
    }
    const answer = await work();
    // It has been carried out: a store that fails now is no reason to say otherwise.
    await keep(id, begun, answer).catch(onError);
    return answer;
  };
}

function again({ fingerprint, since, answer }: Kept, asked: string, now: number): GatewayAnswer {
  if (fingerprint !== asked)
    return refuse(422, {
      code: "invalid_input",
      message: "This Idempotency-Key was sent with another request.",
      hint: "Nothing was done. Give each request a key of its own, such as a random UUID.",
    });
  if (answer) return { ...answer, headers: { ...answer.headers, "Idempotency-Replayed": "true" } };
  return now - since < longestMs ? underWay : unknown;
}

const underWay = refuse(
  409,
  {
    code: "conflict",
    message: "The first request with this Idempotency-Key is still under way.",
    hint: "Send it again in a moment: it is answered as the first one is.",
    retryable: true,
  },
  { "Retry-After": "1" },
);

const unknown = refuse(409, {
  code: "conflict",
  message: "Whether the first request with this Idempotency-Key was carried out is not known: its process has died.",
  hint: "Look in GitLab before it is sent again with another key.",
});

const tooLong = refuse(409, {
  code: "conflict",
  message: "The first request with this Idempotency-Key was carried out; its answer was too long to be kept.",
  hint: "Read again what you need of it.",
});
