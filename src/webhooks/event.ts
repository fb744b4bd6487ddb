import { isObject } from "../is-object.js";
import type { WebhookBodies, WebhookKind } from "./bodies.js";
import { actionOf, kindOf } from "./kinds.js";
import { actorOf, peopleOf, type ConcernedPerson } from "./people.js";
import type { ConcernedAccount } from "./route.js";
import type { DeliveryFacts, VerifiedDelivery } from "./verify.js";

/** What GitLab tells, verified and typed by its kind. */
export interface WebhookEvent<Kind extends WebhookKind = WebhookKind> {
  readonly kind: Kind;
  /** What happened: `"open"`, `"create"`, `"failed"` …; for a member, the name of the event. */
  readonly action: string | undefined;
  /** Every name that handlers can be registered by for it, from `"*"` on. */
  readonly names: readonly string[];
  readonly body: WebhookBodies[Kind];
  readonly delivery: DeliveryFacts;
  readonly project: { readonly id: number; readonly path: string | undefined } | undefined;
  readonly actor: { readonly id?: number; readonly username?: string } | undefined;
  /** Who is newly mentioned, assigned, or asked for a review; never the actor. */
  readonly people: readonly ConcernedPerson[];
  /** The connected accounts of those people. Empty where the receiver has no client. */
  accounts(): Promise<readonly ConcernedAccount[]>;
}

/** An event of any kind, told apart by `kind`. */
export type AnyWebhookEvent = { [Kind in WebhookKind]: WebhookEvent<Kind> }[WebhookKind];

/** A kind, a kind with what happened (`"merge_request.merge"`, `"pipeline.failed"`), what it means for people, or `"*"`. */
export type WebhookEventName = WebhookKind | `${WebhookKind}.${string}` | "*";

/** The kind that a name begins with. */
export type KindOfName<Name extends string> = Name extends "*"
  ? WebhookKind
  : Name extends `${infer Kind extends WebhookKind}.${string}`
    ? Kind
    : Name extends WebhookKind
      ? Name
      : never;

export function eventOf(
  { facts, body }: VerifiedDelivery,
  accounts: (people: readonly ConcernedPerson[]) => Promise<readonly ConcernedAccount[]>,
): AnyWebhookEvent {
  const kind = kindOf(facts.event ?? null, body);
  const action = actionOf(kind, body);
  const people = peopleOf(kind, body);
  const event = {
    kind,
    action,
    names: namesOf(kind, action, body, people),
    body,
    delivery: facts,
    project: projectOf(body),
    actor: actorOf(body),
    people,
    accounts: () => accounts(people),
  };
  // The payload is GitLab's; its kind says which of the types it has.
  return event as AnyWebhookEvent;
}

function namesOf(
  kind: WebhookKind,
  action: string | undefined,
  body: Readonly<Record<string, unknown>>,
  people: readonly ConcernedPerson[],
): string[] {
  const attributes = isObject(body["object_attributes"]) ? body["object_attributes"] : {};
  const changes = isObject(body["changes"]) ? body["changes"] : {};
  const reasons = new Set(people.flatMap((person) => person.reasons));
  const derived = [
    ...(action === undefined ? [] : [action]),
    ...reasons,
    ...(kind === "merge_request" && typeof attributes["oldrev"] === "string" ? ["pushed"] : []),
    ...(kind === "merge_request" && isReady(changes["draft"]) ? ["ready"] : []),
    ...(isObject(changes["labels"]) ? ["labeled"] : []),
  ];
  return ["*", kind, ...[...new Set(derived)].map((what) => `${kind}.${what}`)];
}

const isReady = (draft: unknown): boolean =>
  isObject(draft) && draft["previous"] === true && draft["current"] === false;

function projectOf(
  body: Readonly<Record<string, unknown>>,
): { readonly id: number; readonly path: string | undefined } | undefined {
  const project = isObject(body["project"]) ? body["project"] : {};
  const attributes = isObject(body["object_attributes"]) ? body["object_attributes"] : {};
  const id = [project["id"], body["project_id"], attributes["project_id"]].find((one) => typeof one === "number");
  if (typeof id !== "number") return undefined;
  const path = project["path_with_namespace"] ?? body["path_with_namespace"];
  return { id, path: typeof path === "string" ? path : undefined };
}
