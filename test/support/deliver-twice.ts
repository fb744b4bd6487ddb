import { createWebhookReceiver, signWebhook, type WebhookReceiver } from "gitlab-agent-tools/webhooks";
import type { AccountStore } from "../../src/stores/account-store.js";

/**
 * Sends each of some deliveries to receivers that share nothing but what their stores keep, all at once and twice to each;
 * says how often each was handled, and what came of all of them. The first attempt at `fails` fails.
 */
export async function deliverTwice(
  stores: readonly AccountStore[],
  ids: readonly string[],
  fails?: string,
): Promise<{ readonly handled: Readonly<Record<string, number>>; readonly outcomes: readonly string[] }> {
  const secret = "a secret that only GitLab knows";
  const now = 1_800_000_000_000;
  const handled: Record<string, number> = Object.fromEntries(ids.map((id) => [id, 0]));
  let mayFail = fails !== undefined;
  const receivers = stores.map((store) => {
    const receiver = createWebhookReceiver({ secrets: secret, store, now: () => now, onError: () => undefined });
    receiver.on("push", ({ delivery }) => {
      const { id } = delivery;
      if (id === fails && mayFail) {
        mayFail = false;
        throw new Error("The database of the product is away");
      }
      handled[id] = (handled[id] ?? 0) + 1;
    });
    return receiver;
  });
  const send = async (receiver: WebhookReceiver, id: string): Promise<string> => {
    const delivery = signWebhook({ secret, id, body: { object_kind: "push" }, timestamp: new Date(now) });
    const response = await receiver.handle(new Request("https://a.example/", delivery));
    return ((await response.json()) as { outcome: string }).outcome;
  };
  const all = [...receivers, ...receivers].flatMap((receiver) => ids.map((id) => send(receiver, id)));
  const outcomes = await Promise.all(all);
  if (fails !== undefined && receivers[0] !== undefined) outcomes.push(await send(receivers[0], fails));
  return { handled, outcomes: outcomes.sort() };
}
