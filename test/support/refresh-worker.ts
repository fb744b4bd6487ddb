import { setTimeout as delay } from "node:timers/promises";
import { createGitLab, GitLabToolError } from "../../src/index.js";
import { currentUserGet } from "../../generated/registry.js";
import type { WorkerOrder, WorkerReport, WorkerSetup } from "./worker-messages.js";

/** One replica of a product: makes calls when told to, on a store that it shares with others. */
const setup = JSON.parse(process.env["WORKER_SETUP"] ?? "{}") as WorkerSetup;
let offset = 0;
const gitlab = createGitLab({
  connections: { gitlab: setup.connection },
  store: setup.store,
  encryptionKey: setup.encryptionKey,
  now: () => Date.now() + offset,
  // Pauses keep their proportions and take a tenth of the time.
  sleep: (ms) => delay(ms / 10),
});

const send = (report: WorkerReport): void => void process.send?.(report);

process.on("message", (order: WorkerOrder) => {
  offset = order.offsetMs;
  const account = gitlab.as(order.identifier);
  const started = performance.now();
  const calls = Array.from({ length: order.calls }, () => currentUserGet(account, {}));
  void Promise.allSettled(calls).then((results) => {
    const failures = results
      .filter((result) => result.status === "rejected")
      .map(({ reason }) => (reason instanceof GitLabToolError ? `${reason.code}: ${reason.message}` : String(reason)));
    const users = results.filter((result) => result.status === "fulfilled").map(({ value }) => value.data.username);
    send({ succeeded: users.length, users: [...new Set(users)], failures, ms: performance.now() - started });
  });
});

await gitlab.actions.listConnectedAccounts();
send({ succeeded: 0, users: [], failures: [], ms: performance.now() });
