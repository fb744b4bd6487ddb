import { once } from "node:events";
import { createGitLab } from "gitlab-agent-tools";
import { createWebhookReceiver, signWebhook } from "gitlab-agent-tools/webhooks";
import { Agent, fetch } from "undici";
import { createAccounts } from "../../src/accounts/accounts.js";
import { openStore } from "../../src/stores/open-store.js";
import { createCleanup } from "../../src/stores/cleanup.js";
import { openAudit } from "../../src/tools/audit-trail.js";
import { beginning, type ScaleReplicaOrder, type ReplicaReport, type ReplicaSetup } from "./plan.js";

/** One replica of a product. Its clock is told, so that two hours pass in minutes. */
const [setup] = (await once(process, "message")) as [ReplicaSetup];
let now = beginning;
const clock = (): number => now;
const dispatcher = new Agent({ localAddress: setup.address });
const own = ((input: never, init?: object) =>
  fetch(input, { ...init, dispatcher })) as object as typeof globalThis.fetch;
const { store: url, encryptionKey, connection } = setup;
const store = openStore(url);
const options = { store, encryptionKey, connections: { gitlab: connection }, now: clock, accountCacheSeconds: 0 };
const accounts = createAccounts({ ...options, fetch: own });
const gitlab = createGitLab(options);
await accounts.ready();
const receiver = createWebhookReceiver({ secrets: setup.webhookSecret, store, now: clock });
let handled = 0;
receiver.on("*", () => void (handled += 1));
const trail = openAudit(
  { keepDays: 90 },
  { rows: store.rows, cleanup: createCleanup(store, clock), ready: () => accounts.ready(), now: clock },
);

type BatchOutcome = Partial<Pick<ReplicaReport, "done" | "failed" | "failures" | "tokens">>;

/** All of them, so many at a time. */
async function each<Item>(items: readonly Item[], work: (item: Item) => Promise<unknown>): Promise<BatchOutcome> {
  const failures: string[] = [];
  let [done, failed] = [0, 0];
  const queue = items.values();
  const one = async (): Promise<void> => {
    for (const item of queue)
      try {
        if (await work(item)) done += 1;
      } catch (error) {
        failed += 1;
        if (failures.length < 5) failures.push(String(error));
      }
  };
  await Promise.all(Array.from({ length: 16 }, one));
  return { done, failed, failures };
}

async function carryOut(order: ScaleReplicaOrder): Promise<BatchOutcome> {
  switch (order.do) {
    case "pass": {
      now = order.now;
      const { refreshed, failed } = await accounts.refreshDue({ intervalSeconds: 60 });
      return { done: refreshed, failed };
    }
    case "lookUps":
      return await each(order.identifiers, (identifier) => accounts.get({ connectionName: "gitlab", identifier }));
    case "mint": {
      const tokens: string[] = [];
      const minted = await each(order.identifiers, async (identifier) =>
        tokens.push((await gitlab.createSession({ identifier })).token),
      );
      return { ...minted, tokens };
    }
    case "verify":
      return await each(order.tokens, async (token) => (await gitlab.verifySession(token)) !== undefined);
    case "revoke":
      return await each(order.identifiers, async (identifier) => {
        await gitlab.revokeSessions({ identifier });
        return true;
      });
    case "deliveries": {
      const before = handled;
      const result = await each(order.ids, async (id) => {
        const body = { object_kind: "push", project: { id: 1 } };
        const delivery = signWebhook({ secret: setup.webhookSecret, body, id, timestamp: new Date(now) });
        return (await receiver.handle(new Request("https://app.example/hooks", delivery))).ok;
      });
      return { ...result, done: handled - before };
    }
    case "audit": {
      for (let n = 0; n < order.entries; n += 1)
        trail?.record({
          ...{
            at: new Date(now).toISOString(),
            callId: `${setup.address} ${n} ${Math.random()}`,
            connectionName: "gitlab",
          },
          ...{ identifier: `user_${n}`, toolName: "gitlab_issues_list", access: "read", project: "acme/app" },
          ...{ outcome: "ok", status: 200, durationMs: 100, requestId: "01JDRXXXXXXXXXXXXXXXXXXXXX" },
        });
      await trail?.flushed();
      return { done: order.entries };
    }
  }
}

process.on("message", (order: ScaleReplicaOrder) => {
  const used = process.cpuUsage();
  void carryOut(order).then(({ done = 0, failed = 0, failures = [], tokens = [] }) => {
    const { user, system } = process.cpuUsage(used);
    const megabytes = process.resourceUsage().maxRSS / 1024;
    const cpuSeconds = (user + system) / 1e6;
    process.send?.({ done, failed, failures, tokens, cpuSeconds, megabytes } satisfies ReplicaReport);
  });
});
process.send?.("ready");
