import { createHash, randomUUID } from "node:crypto";
import type { AccountEvent } from "../accounts/events.js";
import { GitLabToolError } from "../errors/gitlab-tool-error.js";
import * as o from "../options/words.js";
import { isSigningToken, signatureOf, signingKey } from "./signature.js";

/** Options of {@link createAccountWebhook}. */
export interface AccountWebhookOptions {
  /** Where events are sent: an https address, or one of this machine. Redirects are not followed. */
  readonly url: string;
  /** The signing token (`whsec_…`, see `createSigningToken`); several while one is changed for another: all of them sign. */
  readonly secret: string | readonly string[];
  /** Which events are sent. Default: all. */
  readonly types?: readonly AccountEvent["type"][];
  /** How often an event is sent at most, until it is answered with 2xx. Default: 6. */
  readonly attempts?: number | undefined;
  /** How long to wait before the second attempt, in milliseconds; four times as long before each further one. Default: 1,000. */
  readonly firstRetryMs?: number | undefined;
  /** How long one attempt may take, in milliseconds. Default: 15,000. */
  readonly timeoutMs?: number | undefined;
  /** How many events may wait to be sent. Those that come beyond that are lost, and told to `onError`. Default: 1,000. */
  readonly maxWaiting?: number | undefined;
  /** Told of events that were not delivered. Default: a warning of the process. */
  readonly onError?: ((error: GitLabToolError, event: AccountEvent) => unknown) | undefined;
  /** The clock, in milliseconds since 1970. */
  readonly now?: (() => number) | undefined;
}

/** Takes events of accounts, at once, and sends them in the background. */
export interface AccountWebhook {
  (event: AccountEvent): void;
  /** Resolves when nothing waits to be sent. */
  settled(): Promise<void>;
  /** Takes no further events, and waits for those that are being sent: `graceMs` at most (default: 10,000). */
  close(options?: { readonly graceMs?: number }): Promise<void>;
}

/** Events of one account stay in order, those of different accounts do not wait for each other. */
const laneCount = 8;

/**
 * Sends what happens to accounts to an address of yours, signed as Standard Webhooks says: `account.created`,
 * `account.connected`, `account.refreshed`, `account.refresh_failed`, `account.expired`, `account.revoked`,
 * `account.deleted`. No token is in it. Calls do not wait for it; an event that is not answered with 2xx is sent again
 * under the same id, and is lost with the process.
 *
 * @see https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
 * @throws {GitLabToolError} `invalid_input`
 * @example
 * ```ts
 * const webhook = createAccountWebhook({ url: "https://app.example/hooks/gitlab", secret: createSigningToken() });
 * const gitlab = createGitLab({ store: "memory:", onAccountEvent: webhook });
 * await gitlab.close();
 * await webhook.close();
 * ```
 */
export function createAccountWebhook(options: AccountWebhookOptions): AccountWebhook {
  const keys = checkOptions(options);
  const { attempts = 6, firstRetryMs = 1_000, timeoutMs = 15_000, maxWaiting = 1_000 } = options;
  const { url, types, now = Date.now, onError = warn } = options;
  const stop = new AbortController();
  const lanes: Promise<void>[] = Array.from({ length: laneCount }, () => Promise.resolve());
  let [waiting, closed] = [0, false];

  async function deliver(id: string, event: AccountEvent): Promise<void> {
    const { default: ky, isHTTPError } = await import("ky");
    const body = JSON.stringify(messageOf(event));
    const sign = (request: Request): void => {
      // Each attempt has a time of its own, which is signed.
      const timestamp = String(Math.floor(now() / 1000));
      const signatures = keys.map((key) => signatureOf(key, id, timestamp, Buffer.from(body)));
      request.headers.set("webhook-timestamp", timestamp);
      request.headers.set("webhook-signature", signatures.join(" "));
    };
    await ky.post(url, {
      body,
      headers: { "content-type": "application/json", "webhook-id": id },
      redirect: "manual",
      signal: stop.signal,
      timeout: timeoutMs,
      retry: {
        limit: attempts - 1,
        methods: ["post"],
        retryOnTimeout: true,
        maxRetryAfter: 3_600_000,
        delay: (attempt) => firstRetryMs * 4 ** (attempt - 1),
        jitter: (ms) => ms * (0.8 + Math.random() * 0.4),
        shouldRetry: ({ error }) => shouldSendAgain(isHTTPError(error) ? error.response : undefined, stop.signal),
      },
      hooks: { beforeRequest: [sign], beforeRetry: [({ request }) => sign(request)] },
    });
  }

  async function send(event: AccountEvent): Promise<void> {
    const id = `msg_${randomUUID()}`;
    try {
      await deliver(id, event);
    } catch (error) {
      reportError(notDelivered(url, id, event, error), event);
    } finally {
      waiting -= 1;
    }
  }

  function reportError(error: GitLabToolError, event: AccountEvent): void {
    void Promise.resolve()
      .then(() => onError(error, event))
      .catch(warn);
  }

  const settled = async (): Promise<void> => void (await Promise.all(lanes));

  function take(event: AccountEvent): void {
    if (types && !types.includes(event.type)) return;
    const refusal = closed
      ? "the webhook is closed"
      : waiting >= maxWaiting
        ? `${maxWaiting} events wait already`
        : undefined;
    if (refusal !== undefined) {
      reportError(notDelivered(url, undefined, event, new DeliveryRefused(refusal)), event);
      return;
    }
    waiting += 1;
    const lane = (createHash("sha256").update(event.account.id).digest()[0] ?? 0) % laneCount;
    lanes[lane] = Promise.resolve(lanes[lane]).then(() => send(event));
  }

  return Object.assign(take, {
    settled,
    async close({ graceMs = 10_000 }: { readonly graceMs?: number } = {}) {
      closed = true;
      const late = setTimeout(() => stop.abort(), graceMs);
      await settled();
      clearTimeout(late);
    },
  });
}

/** @returns `undefined` where the answer says how long to wait, which ky reads. */
function shouldSendAgain(response: Response | undefined, signal: AbortSignal): boolean | undefined {
  if (signal.aborted) return false;
  if (!response) return true;
  // A redirect stays one, and 410 says that nobody wants it any more.
  if (response.status < 400 || response.status === 410) return false;
  return response.headers.has("retry-after") ? undefined : true;
}

/** What is sent: what has happened, when, and to which account. */
function messageOf(event: AccountEvent): object {
  const { type, at, account } = event;
  const { code, message, retryable } = "error" in event ? event.error : {};
  const error = code === undefined ? {} : { error: { code, message, retryable } };
  return { type: `account.${type}`, timestamp: at, data: { account, ...error } };
}

/** Says where to, and not more of the address: it may have a secret in it. */
function notDelivered(url: string, id: string | undefined, event: AccountEvent, error: unknown): GitLabToolError {
  const status = statusOf(error);
  const because = status === undefined ? reasonOf(error) : `it answered ${status}`;
  return new GitLabToolError({
    code: "network_error",
    message: `The webhook at ${new URL(url).origin} was not told that an account is ${event.type}: ${because}.`,
    hint: "Look at the account itself with getConnectedAccount.",
    details: { type: event.type, accountId: event.account.id, ...(id && { webhookId: id }), ...(status && { status }) },
  });
}

/** What other libraries say may quote the address. */
const reasonOf = (error: unknown): string =>
  error instanceof DeliveryRefused ? error.message : error instanceof Error ? error.name : "failed";

/** Not even tried. */
class DeliveryRefused extends Error {}

function statusOf(error: unknown): number | undefined {
  if (typeof error !== "object" || error === null || !("response" in error)) return undefined;
  return error.response instanceof Response ? error.response.status : undefined;
}

function warn(error: unknown): void {
  process.emitWarning(error instanceof Error ? error.message : String(error));
}

const eventTypes: readonly AccountEvent["type"][] = [
  "created",
  "connected",
  "refreshed",
  "refresh_failed",
  "expired",
  "revoked",
  "deleted",
];

const loopback = new Set(["localhost", "127.0.0.1", "[::1]"]);

function isAddress(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, hostname, username, password } = new URL(text);
  if (username !== "" || password !== "") return false;
  return protocol === "https:" || (protocol === "http:" && loopback.has(hostname));
}

const shape = o.strict<AccountWebhookOptions>({
  url: o.textThat(isAddress, "an https address without user and password (http on this machine only)"),
  secret: o.oneOrMore(
    o.textThat((text) => isSigningToken(text) && signingKey(text) !== undefined, "a signing token: whsec_ and base64"),
  ),
  types: o.unlessUndefined(o.listOf(o.choice(eventTypes))),
  attempts: o.maybe(o.from(1)),
  firstRetryMs: o.maybe(o.duration),
  timeoutMs: o.maybe(o.duration),
  maxWaiting: o.maybe(o.from(1)),
  onError: o.maybe(o.func),
  now: o.maybe(o.func),
});

/** The keys to sign with. A value that does not fit is not repeated: it may be a secret. */
function checkOptions(options: AccountWebhookOptions): Buffer[] {
  o.checkOptions(shape, options, { of: "The options of the account webhook" });
  const keys = [options.secret].flat().flatMap((secret) => signingKey(secret) ?? []);
  if (keys.length > 0) return keys;
  throw new GitLabToolError({
    code: "invalid_input",
    message: "The account webhook has no secret to sign with.",
    hint: "Make one with createSigningToken(), and keep it where both sides read it.",
  });
}
