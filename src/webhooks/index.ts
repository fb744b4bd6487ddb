/**
 * GitLab's events in: verified, each once, typed by kind, and routed to the accounts of those whom they concern. Accounts'
 * events out: signed, and sent in the background.
 */
export { createAccountWebhook, type AccountWebhook, type AccountWebhookOptions } from "./account-webhook.js";
export {
  createWebhookReceiver,
  type EventOfName,
  type HandleOptions,
  type WebhookHandler,
  type WebhookReceiver,
  type WebhookReceiverOptions,
} from "./receiver.js";
export { toNodeHandler } from "./node.js";
export { createSigningToken, signWebhook, type SignedWebhook, type SignedWebhookOptions } from "./signature.js";
export { webhookKinds } from "./kinds.js";
export type { AnyWebhookEvent, WebhookEvent, WebhookEventName } from "./event.js";
export type {
  WebhookBodies,
  WebhookChange,
  WebhookChanges,
  WebhookIssuable,
  WebhookKind,
  WebhookLabel,
  WebhookProject,
  WebhookUser,
} from "./bodies.js";
export type { ConcernedPerson, WebhookReason } from "./people.js";
export type { ConcernedAccount } from "./route.js";
export type { DeliveryFacts, WebhookRefusal } from "./verify.js";
