import { createGitLab } from "gitlab-agent-tools";
import { issuesList } from "gitlab-agent-tools/tools";
import { expect, onTestFinished, test } from "vitest";
import { setUpAccounts } from "../support/accounts.js";

const people = Array.from({ length: 70 }, (_, index) => ({
  connectionName: "gitlab",
  identifier: `user_${index}`,
}));

test("accounts that end together are refreshed fifty at a time, each once, and nobody is warned of a leak", async () => {
  const { server, accounts, clock, connect } = await setUpAccounts();
  for (const key of people) await connect(key, key.identifier);
  const warnings: Error[] = [];
  const warn = (warning: Error): void => void warnings.push(warning);
  process.on("warning", warn);
  onTestFinished(() => void process.off("warning", warn));
  clock.now += 7_201_000;
  let [underWay, most] = [0, 0];
  server.before = async () => {
    most = Math.max(most, (underWay += 1));
    await new Promise((resolve) => setImmediate(resolve));
    underWay -= 1;
  };
  const before = server.refreshes;
  const tokens = await Promise.all(people.map(async (key) => (await accounts.credentials(key)).token));
  expect(new Set(tokens).size).toBe(people.length);
  expect(server.refreshes - before).toBe(people.length);
  expect(most).toBeGreaterThan(1);
  expect(most).toBeLessThanOrEqual(50);
  expect(warnings.filter(({ name }) => name === "MaxListenersExceededWarning")).toEqual([]);
});

test("closing waits for the refreshes under way, and not for those that wait for their turn", async () => {
  const { server, accounts, clock, connect } = await setUpAccounts();
  for (const key of people) await connect(key, key.identifier);
  clock.now += 7_201_000;
  let answer = (): void => undefined;
  const answered = new Promise<void>((resolve) => (answer = resolve));
  let asked = 0;
  server.before = async () => {
    asked += 1;
    await answered;
  };
  const calls = Promise.allSettled(people.map((key) => accounts.credentials(key)));
  await expect.poll(() => asked).toBe(50);
  const closed = accounts.close();
  answer();
  await closed;
  const results = await calls;
  expect(results.filter(({ status }) => status === "fulfilled")).toHaveLength(50);
  const reasons = results.flatMap((result) => (result.status === "rejected" ? [result.reason as unknown] : []));
  for (const reason of reasons) expect(reason).toMatchObject({ code: "aborted" });
  expect(asked).toBe(50);
});

test("very many calls at once leave the event loop to others between them", async () => {
  const gitlab = createGitLab({ store: "memory:" });
  onTestFinished(() => gitlab.close());
  let done = 0;
  const calls = Array.from({ length: 400 }, () =>
    issuesList(gitlab.as("nobody"), { project_id: 1 }).catch(() => void (done += 1)),
  );
  const seen: number[] = [];
  while (done < calls.length) {
    seen.push(done);
    await new Promise((resolve) => setImmediate(resolve));
  }
  // Others had a turn after every few calls.
  expect(seen.length).toBeGreaterThan(20);
  await Promise.all(calls);
});
