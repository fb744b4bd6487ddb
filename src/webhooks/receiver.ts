import { GitLabToolError } from "../errors/gitlab-tool-error.js";
import { openStore } from "../stores/open-store.js";
import type { AccountStore } from "../stores/account-store.js";
import { createCleanup } from "../stores/cleanup.js";
import { MemoryDeliveries, RowDeliveries, StoredDeliveries, type DeliveryLog } from "./deliveries.js";
import { eventOf, type AnyWebhookEvent, type KindOfName, type WebhookEvent, type WebhookEventName } from "./event.js";
import * as o from "../options/words.js";
import { webhookKinds } from "./kinds.js";
import { accountsOf, type AccountDirectory } from "./route.js";
import { isSigningToken, signingKey } from "./signature.js";
import { verifyRequest } from "./verify.js";

/** Options of {@link createWebhookReceiver}. */
export interface WebhookReceiverOptions {
  /**
   * The secrets of the webhooks: signing tokens (`whsec_…`) and secret tokens. Any of them is taken, so that one can be
   * changed for another without losing a delivery: add the new one here, set it at GitLab, take the old one away. With a
   * signing token among them, a delivery without a signature is refused. A function is asked for every delivery.
   * Where none is set, every delivery is refused: builds load modules where no secrets are.
   */
  readonly secrets: string | undefined | readonly string[] | (() => readonly string[] | Promise<readonly string[]>);
  /** Takes deliveries with a known secret token beside signed ones, while webhooks are moved to signing. Default: false. */
  readonly allowUnsigned?: boolean | undefined;
  /** The client whose accounts events are routed to: {@link WebhookEvent.accounts}. */
  readonly gitlab?: AccountDirectory;
  /** The connection of the instance that sends: its users are found among its accounts only. Default: `"gitlab"`. */
  readonly connectionName?: string;
  /** Where it is remembered which deliveries were taken, as in `createGitLab`. Default: `"memory:"`, for one process. */
  readonly store?: string | AccountStore;
  /** How old a delivery may be, or how far in the future. In seconds; default: 300. */
  readonly toleranceSeconds?: number | undefined;
  /** How long a handled delivery is remembered. In seconds; default: 86,400. */
  readonly rememberSeconds?: number | undefined;
  /** The longest body that is read. In bytes; default: 25 MiB, the most that GitLab sends. */
  readonly maxBytes?: number | undefined;
  /** Told of what was refused, and of handlers that failed. */
  readonly onError?: ((error: unknown, request: Request) => unknown) | undefined;
  /** The clock, in milliseconds since 1970. */
  readonly now?: (() => number) | undefined;
}

/** Carries out what follows from an event. */
export type WebhookHandler<Event = AnyWebhookEvent> = (event: Event) => unknown;

/** Options of {@link WebhookReceiver.handle}. */
export interface HandleOptions {
  /**
   * Goes on after the answer, as a platform's `waitUntil` does. GitLab waits 10 seconds and disables a webhook that often
   * takes longer: with it the answer is sent at once, and what the handlers do may take its time.
   */
  readonly waitUntil?: (work: Promise<unknown>) => void;
}

/** Receives the webhooks of a GitLab instance. */
export interface WebhookReceiver {
  /**
   * Whether GitLab sent the request, and what it says. Reads the body; calls no handler, and remembers nothing.
   *
   * @throws {GitLabToolError} `forbidden` with `details.reason` `"forged"`, `"unsigned"` or `"late"`; `invalid_input`
   */
  verify(request: Request): Promise<AnyWebhookEvent>;
  /**
   * Registers a handler by a kind (`"merge_request"`), by what happened (`"merge_request.merge"`, `"pipeline.failed"`,
   * `"push.created"`), by what it means for people (`"merge_request.review_requested"`, `"issue.assigned"`,
   * `"note.mentioned"`), or for everything (`"*"`). Handlers run one after another, in the order of registration.
   *
   * @returns a function that takes the handler away again
   */
  on<Name extends WebhookEventName>(name: Name, handler: WebhookHandler<EventOfName<Name>>): () => void;
  /**
   * The answer to a delivery: verifies it, drops repetitions, calls the handlers. 200 when they have run, 202 when they go
   * on, 401 and 400 for what is refused, 500 when one has failed: the delivery can then be sent again.
   */
  handle(request: Request, options?: HandleOptions): Promise<Response>;
}

/** The event that a name stands for. */
export type EventOfName<Name extends string> = Name extends "*" ? AnyWebhookEvent : WebhookEvent<KindOfName<Name>>;

/**
 * Receives GitLab's webhooks: verified, each once, typed, and routed to the accounts of those whom they concern.
 *
 * @example
 * ```ts
 * const receiver = createWebhookReceiver({ secrets: process.env.GITLAB_WEBHOOK_SECRET, gitlab });
 * receiver.on("merge_request.review_requested", async (event) => {
 *   for (const { identifier } of await event.accounts()) await review(gitlab.as(identifier), event.body);
 * });
 * const POST = (request: Request) => receiver.handle(request);
 * ```
 * @throws {GitLabToolError} `invalid_input` for options that cannot work
 */
export function createWebhookReceiver(options: WebhookReceiverOptions): WebhookReceiver {
  checkOptions(options);
  const { toleranceSeconds = 300, rememberSeconds = 86_400, maxBytes = 25 * 1024 * 1024 } = options;
  const { connectionName = "gitlab", allowUnsigned = false, gitlab, now = Date.now } = options;
  const log = deliveryLog(options.store ?? "memory:", now);
  const handlers: { readonly name: string; readonly handler: WebhookHandler<never> }[] = [];

  const verify = async (request: Request): Promise<AnyWebhookEvent> => {
    const secrets = checkSecrets(await secretsOf(options.secrets));
    const toleranceMs = toleranceSeconds * 1000;
    const delivery = await verifyRequest(request, { secrets, allowUnsigned, toleranceMs, maxBytes, now });
    return eventOf(delivery, async (people) =>
      gitlab === undefined ? [] : await accountsOf(gitlab, connectionName, people),
    );
  };

  const receive = async (event: AnyWebhookEvent, request: Request): Promise<boolean> => {
    const key = `${connectionName}:${event.delivery.id}`;
    try {
      for (const { name, handler } of [...handlers]) {
        if (event.names.includes(name)) await (handler as WebhookHandler)(event);
      }
      await log.keep(key, now(), now() + rememberSeconds * 1000);
      return true;
    } catch (error) {
      options.onError?.(error, request);
      await log.forget(key);
      return false;
    }
  };

  return {
    verify,
    on(name, handler) {
      checkName(name);
      const entry = { name, handler };
      handlers.push(entry);
      return () => {
        const at = handlers.indexOf(entry);
        if (at >= 0) handlers.splice(at, 1);
      };
    },
    async handle(request, { waitUntil } = {}) {
      if (request.method !== "POST") return answer(405, "method_not_allowed", { allow: "POST" });
      let event: AnyWebhookEvent;
      try {
        event = await verify(request);
      } catch (error) {
        options.onError?.(error, request);
        if (!(error instanceof GitLabToolError)) return answer(500, "failed");
        const reason = error.details?.["reason"];
        if (typeof reason !== "string") return answer(500, "failed");
        return answer(error.code === "forbidden" ? 401 : 400, reason);
      }
      const started = now();
      // A process that dies meanwhile leaves the delivery to be sent again.
      const claimed = await log.claim(`${connectionName}:${event.delivery.id}`, started, started + claimMs);
      // GitLab counts every refusal as a failure of the webhook, and a repetition is none.
      if (!claimed) return answer(200, "duplicate");
      const work = receive(event, request);
      if (waitUntil !== undefined) {
        waitUntil(work);
        return answer(202, "accepted");
      }
      return (await work) ? answer(200, "handled") : answer(500, "failed");
    },
  };
}

const claimMs = 600_000;

const answer = (status: number, outcome: string, headers: Record<string, string> = {}): Response =>
  Response.json({ outcome }, { status, headers });

function deliveryLog(place: string | AccountStore, now: () => number): DeliveryLog {
  if (place === "memory:") return new MemoryDeliveries();
  const store = typeof place === "string" ? openStore(place) : place;
  return store.rows ? new RowDeliveries(store, store.rows, createCleanup(store, now)) : new StoredDeliveries(store);
}

async function secretsOf(secrets: WebhookReceiverOptions["secrets"]): Promise<readonly string[]> {
  const configured = typeof secrets === "function" ? await secrets() : secrets;
  return typeof configured === "string" ? [configured] : (configured ?? []);
}

const isList = (value: unknown): boolean => Array.isArray(value);

function checkSecrets(secrets: readonly string[]): readonly string[] {
  checkForms(secrets);
  if (secrets.length === 0) throw wrong("secrets", "has to hold at least one secret");
  if (secrets.includes("")) throw wrong("secrets", "holds one that is empty");
  return secrets;
}

function checkForms(secrets: readonly string[]): void {
  if (!isList(secrets)) throw wrong("secrets", "is neither a secret, nor a list of them, nor a function");
  for (const secret of secrets) {
    if (typeof secret !== "string") throw wrong("secrets", "holds one that is no text");
    if (isSigningToken(secret) && signingKey(secret) === undefined) {
      throw wrong("secrets", "holds a signing token that is not whsec_ and base64 of at least 16 bytes");
    }
  }
}

const shape = o.strict<WebhookReceiverOptions>({
  secrets: o.anything,
  allowUnsigned: o.maybe(o.flag),
  gitlab: o.anything,
  connectionName: o.maybe(o.text),
  store: o.maybe(o.either(o.text, o.having("withLock", "an AccountStore"), "a store's URL, or an AccountStore")),
  toleranceSeconds: o.maybe(o.positive),
  rememberSeconds: o.maybe(o.positive),
  maxBytes: o.maybe(o.from(1)),
  onError: o.maybe(o.func),
  now: o.maybe(o.func),
});

function checkOptions(options: WebhookReceiverOptions): void {
  o.checkOptions(shape, options, { of: "The options of the webhook receiver" });
  const { secrets = [] } = options;
  if (typeof secrets !== "function") checkForms(typeof secrets === "string" ? [secrets] : secrets);
  // Who is meant is never left to a default by accident.
  for (const name of ["connectionName", "gitlab", "store"] as const) {
    if (name in options && options[name] === undefined) throw wrong(name, "is there, and undefined");
  }
  const { toleranceSeconds = 300, rememberSeconds = 86_400 } = options;
  // Forgotten sooner than it grows old, a recorded delivery could be played again.
  if (rememberSeconds < 2 * toleranceSeconds) {
    throw wrong("rememberSeconds", "has to be at least twice toleranceSeconds");
  }
}

function checkName(name: string): void {
  const [kind = ""] = name.split(".");
  if (name === "*" || kind === "unknown" || webhookKinds.some((one) => one === kind)) return;
  throw wrong("kind", `is "${name.slice(0, 60)}", which GitLab does not send; it sends ${webhookKinds.join(", ")}`);
}

const wrong = (option: string, problem: string): GitLabToolError =>
  new GitLabToolError({
    code: "invalid_input",
    message: `The webhook receiver's "${option}" ${problem}.`,
    hint: "See docs/webhooks.md.",
  });
