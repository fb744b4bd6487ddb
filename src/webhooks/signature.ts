/**
 * How GitLab vouches for a delivery: by a signature over id, time and body (Standard Webhooks), or by a secret text that
 * it repeats in a header. One file signs and verifies, for the receiver and for the emulator alike.
 *
 * @see https://docs.gitlab.com/user/project/integrations/webhooks/#validate-requests-by-using-a-signing-token
 * @see https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
 */
import { createHash, createHmac, randomBytes, randomUUID, timingSafeEqual } from "node:crypto";

const keyPrefix = "whsec_";

/** Whether a secret is a signing token (`whsec_…`); every other text is a secret token. */
export const isSigningToken = (secret: string): boolean => secret.startsWith(keyPrefix);

/** A new signing token, as GitLab makes one. */
export const createSigningToken = (): string => keyPrefix + randomBytes(32).toString("base64");

/** The key within a signing token; undefined where what follows the prefix is no base64 of at least 16 bytes. */
export function signingKey(secret: string): Buffer | undefined {
  const text = secret.slice(keyPrefix.length);
  if (!isSigningToken(secret) || !/^[A-Za-z0-9+/]+={0,2}$/.test(text)) return undefined;
  const key = Buffer.from(text, "base64");
  return key.length < 16 ? undefined : key;
}

/** `v1,` and the signature of a delivery. `timestamp` is in seconds, as it stands in the header. */
export function signatureOf(key: Buffer, id: string, timestamp: string, body: Uint8Array): string {
  return `v1,${createHmac("sha256", key).update(`${id}.${timestamp}.`).update(body).digest("base64")}`;
}

/** Whether one of the signatures of a `webhook-signature` header is the expected one, in constant time each. */
export const holdsSignature = (header: string, expected: string): boolean =>
  header
    .split(" ")
    .map((candidate) => isSame(candidate, expected))
    .includes(true);

/** Whether two texts are the same; how long it takes tells nothing about where they differ. */
export function isSame(one: string, other: string): boolean {
  const digest = (text: string): Buffer => createHash("sha256").update(text).digest();
  return timingSafeEqual(digest(one), digest(other));
}

/** What {@link signWebhook} signs. */
export interface SignedWebhookOptions {
  /** The signing token (`whsec_…`), or the secret token of the webhook; several as GitLab sends both. */
  readonly secret: string | readonly string[];
  /** The payload: an object, or the text of the body as it goes over the wire. */
  readonly body: unknown;
  /** The `X-Gitlab-Event` header. Default: worked out from the payload's `object_kind`. */
  readonly event?: string;
  /** The id of the delivery. Default: a new one. */
  readonly id?: string;
  /** When it is sent. Default: now. */
  readonly timestamp?: Date;
  /** The instance that sends it, such as `"https://gitlab.example.com"`. Default: `"https://gitlab.com"`. */
  readonly instance?: string;
}

/** What to give to `fetch` or to `new Request`. */
export interface SignedWebhook {
  readonly method: "POST";
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/**
 * A delivery as GitLab sends it, for tests of a receiver.
 *
 * @example
 * ```ts
 * const delivery = signWebhook({ secret: "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", body: { object_kind: "push" } });
 * const response = await receiver.handle(new Request("https://agent.example/webhooks", delivery));
 * ```
 * @throws RangeError for a signing token that is none
 */
export function signWebhook(options: SignedWebhookOptions): SignedWebhook {
  const { id = randomUUID(), timestamp = new Date(), instance = "https://gitlab.com" } = options;
  const body = typeof options.body === "string" ? options.body : JSON.stringify(options.body);
  const seconds = String(Math.floor(timestamp.getTime() / 1000));
  const headers: Record<string, string> = {
    "content-type": "application/json",
    "user-agent": "GitLab/19.2.0-ee",
    "x-gitlab-event": options.event ?? eventHeader(options.body),
    "x-gitlab-event-uuid": randomUUID(),
    "x-gitlab-webhook-uuid": randomUUID(),
    "x-gitlab-instance": instance,
    "idempotency-key": id,
    "webhook-id": id,
    "webhook-timestamp": seconds,
  };
  const secrets = typeof options.secret === "string" ? [options.secret] : options.secret;
  const signatures = secrets.filter(isSigningToken).map((secret) => {
    const key = signingKey(secret);
    if (key === undefined) throw new RangeError("A signing token is whsec_ and base64 of at least 16 bytes.");
    return signatureOf(key, id, seconds, Buffer.from(body));
  });
  if (signatures.length > 0) headers["webhook-signature"] = signatures.join(" ");
  const token = secrets.find((secret) => !isSigningToken(secret));
  if (token !== undefined) headers["x-gitlab-token"] = token;
  return { method: "POST", headers, body };
}

const headersByKind: Readonly<Record<string, string>> = {
  tag_push: "Tag Push Hook",
  work_item: "Issue Hook",
  build: "Job Hook",
  access_token: "Resource Access Token Hook",
  deploy_token: "Resource Deploy Token Hook",
};

/** `"merge_request"` → `"Merge Request Hook"`. */
const headerOfKind = (kind: string): string =>
  headersByKind[kind] ??
  `${kind
    .split("_")
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join(" ")} Hook`;

function eventHeader(body: unknown): string {
  const kind = typeof body === "object" && body !== null ? (Reflect.get(body, "object_kind") as unknown) : undefined;
  return headerOfKind(typeof kind === "string" ? kind : "system");
}
