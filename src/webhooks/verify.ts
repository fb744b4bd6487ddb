import { GitLabToolError } from "../errors/gitlab-tool-error.js";
import { isObject } from "../is-object.js";
import { holdsSignature, isSame, isSigningToken, signatureOf, signingKey } from "./signature.js";

/** Why a delivery is refused. */
export type WebhookRefusal =
  /** Neither its signature nor its token is one of the receiver's secrets. */
  | "forged"
  /** It has no signature although the receiver has a signing token, or no token at all. */
  | "unsigned"
  /** It was sent too long ago, or in the future: somebody may be repeating what was recorded. */
  | "late"
  /** Its body is no JSON object, or longer than the receiver takes. */
  | "unreadable";

/** The parts of a delivery that say where it comes from. None but `id`, `sentAt` and the body are covered by a signature. */
export interface DeliveryFacts {
  /** The same for every attempt to deliver the same event to the same webhook. */
  readonly id: string;
  readonly sentAt: Date | undefined;
  /** Whether a signature vouches for the body; a secret token only says that the sender knows it. */
  readonly signed: boolean;
  /** The `X-Gitlab-Event` header. */
  readonly event: string | undefined;
  /** Shared by deliveries that one event caused. */
  readonly eventUuid: string | undefined;
  /** Which webhook it comes from. */
  readonly hookUuid: string | undefined;
  /** The instance's address, as the sender says. */
  readonly instance: string | undefined;
}

/** A delivery that has been verified, and nothing more. */
export interface VerifiedDelivery {
  readonly facts: DeliveryFacts;
  readonly body: Readonly<Record<string, unknown>>;
}

export interface VerifyOptions {
  readonly secrets: readonly string[];
  readonly allowUnsigned: boolean;
  readonly toleranceMs: number;
  readonly maxBytes: number;
  readonly now: () => number;
}

/**
 * Whether GitLab sent a request: its secrets, its age, its body.
 *
 * @throws {GitLabToolError} `forbidden` with `details.reason`, or `invalid_input` for a body that cannot be read
 */
export async function verifyRequest(request: Request, options: VerifyOptions): Promise<VerifiedDelivery> {
  const bytes = await readBody(request, options.maxBytes);
  const { headers } = request;
  const id = headers.get("webhook-id") ?? headers.get("idempotency-key");
  const sentAt = timeOf(headers.get("webhook-timestamp"));
  const signed = checkSecrets(headers, bytes, options);
  if (sentAt !== undefined && Math.abs(options.now() - sentAt.getTime()) > options.toleranceMs) {
    throw refusal("late", "The delivery was not sent just now.", "Check the clocks of both machines.");
  }
  const hookUuid = headers.get("x-gitlab-webhook-uuid") ?? undefined;
  const eventUuid = headers.get("x-gitlab-event-uuid") ?? undefined;
  return {
    body: parse(bytes),
    facts: {
      id: id ?? (await fingerprint(bytes, hookUuid, eventUuid)),
      sentAt,
      signed,
      event: headers.get("x-gitlab-event") ?? undefined,
      eventUuid,
      hookUuid,
      instance: headers.get("x-gitlab-instance") ?? undefined,
    },
  };
}

/** Whether a signature vouches for the delivery; where none need, whether its token is known. */
function checkSecrets(headers: Headers, body: Uint8Array, { secrets, allowUnsigned }: VerifyOptions): boolean {
  const keys = secrets.filter(isSigningToken).flatMap((secret) => signingKey(secret) ?? []);
  const signature = headers.get("webhook-signature");
  if (signature !== null && keys.length > 0) {
    const id = headers.get("webhook-id");
    const timestamp = headers.get("webhook-timestamp");
    // A signature that does not hold is not made good by a token: the token is easier to come by.
    const holds =
      id !== null &&
      timeOf(timestamp) !== undefined &&
      keys.map((key) => holdsSignature(signature, signatureOf(key, id, timestamp ?? "", body))).includes(true);
    if (!holds) throw refusal("forged", "No signature of the delivery is made with a signing token of this receiver.");
    return true;
  }
  if (keys.length > 0 && !allowUnsigned) {
    throw refusal(
      "unsigned",
      "The delivery has no signature.",
      "Set the signing token on the webhook. While webhooks are moved to signing tokens, allowUnsigned takes both.",
    );
  }
  const token = headers.get("x-gitlab-token");
  if (token === null) throw refusal("unsigned", "The delivery has no token.", "Set the secret token on the webhook.");
  const tokens = secrets.filter((secret) => !isSigningToken(secret));
  if (!tokens.map((secret) => isSame(secret, token)).includes(true)) {
    throw refusal("forged", "The delivery's token is none of this receiver's.");
  }
  return false;
}

/** Seconds since 1970, as digits alone: anything else would be another message than the one that was signed. */
const timeOf = (seconds: string | null): Date | undefined =>
  seconds !== null && /^\d{1,11}$/.test(seconds) ? new Date(Number(seconds) * 1000) : undefined;

async function readBody(request: Request, maxBytes: number): Promise<Uint8Array> {
  const tooLong = (): GitLabToolError =>
    refusal("unreadable", "The delivery is longer than this receiver takes.", "GitLab sends 25 MB at most.");
  if (Number(request.headers.get("content-length") ?? 0) > maxBytes) throw tooLong();
  const chunks: Uint8Array[] = [];
  let size = 0;
  if (request.body !== null) {
    const reader: ReadableStreamDefaultReader<Uint8Array> = request.body.getReader();
    for (let next = await reader.read(); !next.done; next = await reader.read()) {
      size += next.value.length;
      if (size > maxBytes) {
        await reader.cancel();
        throw tooLong();
      }
      chunks.push(next.value);
    }
  }
  return Buffer.concat(chunks);
}

function parse(bytes: Uint8Array): Readonly<Record<string, unknown>> {
  try {
    const body: unknown = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
    if (isObject(body)) return body;
  } catch {
    // Said below: what was sent may hold what nobody should read in a log.
  }
  throw refusal("unreadable", "The delivery's body is no JSON object.");
}

/** Instances before 17.4 name no delivery: the same payload from the same webhook for the same event is the same one. */
async function fingerprint(bytes: Uint8Array, hook = "", event = ""): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", new Uint8Array(bytes));
  return `${hook}:${event}:${Buffer.from(digest).toString("hex")}`;
}

function refusal(reason: WebhookRefusal, message: string, hint?: string): GitLabToolError {
  return new GitLabToolError({
    code: reason === "unreadable" ? "invalid_input" : "forbidden",
    message,
    ...(hint !== undefined && { hint }),
    details: { reason },
  });
}
