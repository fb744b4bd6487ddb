import { once } from "node:events";
import type { ServerResponse } from "node:http";
import { GitLabToolError } from "gitlab-agent-tools";
import { fileGet, issueCreate, issuesList, projectGet } from "gitlab-agent-tools/tools";
import { describe, expect, onTestFinished, test } from "vitest";
import { connect, json, serve, token, type Arrived } from "../support/server.js";

const caught = (error: unknown): GitLabToolError => {
  if (error instanceof GitLabToolError) return error;
  throw error;
};

/** A server that answers when it is told to. */
async function gate(options: Parameters<typeof connect>[1]) {
  const held: { request: Arrived; response: ServerResponse }[] = [];
  let most = 0;
  let arrival = (): void => {};
  const server = await serve((request, response) => {
    held.push({ request, response });
    most = Math.max(most, held.length);
    arrival();
  });
  const { gitlab, account } = await connect(server, options);
  return {
    gitlab,
    account,
    held,
    arrived: server.arrived,
    most: () => most,
    /** Waits until so many requests are being held. */
    holding: async (count: number): Promise<void> => {
      while (held.length < count) await new Promise<void>((resolve) => (arrival = resolve));
    },
    answer: (): string => {
      const first = held.shift();
      if (first) json(first.response, []);
      return first?.request.url ?? "";
    },
  };
}

describe("how much goes on at once", () => {
  test("is limited per account", async () => {
    const { account, holding, answer, most, arrived } = await gate({ limits: { perAccount: 3 } });
    const calls = Array.from({ length: 12 }, (_, index) => issuesList(account, { project_id: index + 1 }));
    for (let done = 0; done < 12; done += 1) {
      await holding(Math.min(3, 12 - done));
      answer();
    }
    await Promise.all(calls);
    expect(most()).toBe(3);
    expect(arrived).toHaveLength(12);
  });

  test("is limited per instance, and accounts take turns", async () => {
    const { gitlab, holding, answer, most, arrived } = await gate({ limits: { perInstance: 2 } });
    for (const identifier of ["greedy", "modest", "third"]) await gitlab.connectWithToken({ identifier, token });
    const call = (identifier: string, page: number): Promise<unknown> =>
      issuesList(gitlab.as(identifier), { project_id: identifier, page });
    const calls = Array.from({ length: 10 }, (_, index) => call("greedy", index + 1));
    await holding(2);
    calls.push(call("modest", 1), call("third", 1), call("modest", 2));
    // The queue is in place once the accounts are known; the next turns go to those who have had none.
    await gitlab.actions.listConnectedAccounts();
    for (let done = 0; done < calls.length; done += 1) {
      await holding(Math.min(2, calls.length - done));
      answer();
    }
    await Promise.all(calls);
    expect(most()).toBe(2);
    const order = arrived.map(({ url }) => url.split("/")[4] ?? "");
    expect(order.slice(0, 2)).toEqual(["greedy", "greedy"]);
    expect(
      order
        .slice(2, 7)
        .filter((name) => name !== "greedy")
        .toSorted(),
    ).toEqual(["modest", "modest", "third"]);
  });

  test("lets who waits leave: cancelled or out of time, and nothing is sent", async () => {
    const { account, holding, answer, arrived } = await gate({ limits: { perAccount: 1 } });
    const first = projectGet(account, { project_id: 1 });
    await holding(1);
    const stop = new AbortController();
    const cancelled = issueCreate(account, { project_id: 2, title: "x" }, { signal: stop.signal }).catch(caught);
    const late = issueCreate(account, { project_id: 3, title: "x" }, { timeoutMs: 60 }).catch(caught);
    const error = await late;
    expect(error).toMatchObject({ code: "timeout", retryable: true });
    expect((error as GitLabToolError).message).toContain("waited 60 ms for its turn and was not sent");
    stop.abort();
    expect(await cancelled).toMatchObject({ code: "aborted", message: "The call was cancelled." });
    answer();
    await first;
    expect(arrived).toHaveLength(1);
  });

  test("counts until the answer is read, and is free again after an error", async () => {
    const closed: Promise<unknown>[] = [];
    const server = await serve((_, response, number) => {
      closed.push(once(response, "close"));
      if (number === 1) response.destroy();
      else json(response, []);
    });
    const { account } = await connect(server, { limits: { perAccount: 1, attempts: 1 } });
    expect(await issuesList(account, { project_id: 1 }).catch(caught)).toMatchObject({ code: "network_error" });
    expect((await issuesList(account, { project_id: 1 })).data).toEqual([]);
    await Promise.all(closed);
  });

  test.each([{ perAccount: 0 }, { attempts: Number.NaN }, { slowDownBelow: 2 }, { longestWaitMs: -1 }])(
    "is refused where it makes no sense: %j",
    async (limits) => {
      const server = await serve(() => undefined);
      expect(await connect(server, { limits }).catch(caught)).toMatchObject({ code: "invalid_input" });
    },
  );
});

/** Time that passes only when somebody waits. */
function stoppedClock() {
  let at = Date.now();
  const waits: number[] = [];
  return {
    waits,
    time: {
      now: () => at,
      sleep: (ms: number): Promise<void> => {
        waits.push(ms);
        at += ms;
        return Promise.resolve();
      },
    },
  };
}

/** Headers as GitLab sends them, the reset so many seconds ahead. */
const rate = (remaining: number, seconds = 60, name = "throttle_authenticated_api"): Record<string, string> => ({
  "ratelimit-limit": "100",
  "ratelimit-name": name,
  "ratelimit-remaining": String(remaining),
  "ratelimit-reset": String(Math.floor(Date.now() / 1000) + seconds),
});

describe("GitLab's rate limit", () => {
  test("is spread over the rest of the window before it is used up", async () => {
    const clock = stoppedClock();
    let remaining = 7;
    const server = await serve((_, response) => json(response, [], 200, rate((remaining -= 1), 7)));
    const { account } = await connect(server, clock.time);
    for (let call = 0; call < 4; call += 1) await issuesList(account, { project_id: 1 });
    // 6 left in 7 s: a request a second.
    expect(clock.waits).toHaveLength(3);
    for (const wait of clock.waits) {
      expect(wait).toBeGreaterThan(700);
      expect(wait).toBeLessThan(1600);
    }
  });

  test("does not slow anybody down while there is plenty", async () => {
    const clock = stoppedClock();
    const server = await serve((_, response) => json(response, [], 200, rate(80)));
    const { account } = await connect(server, clock.time);
    for (let call = 0; call < 4; call += 1) await issuesList(account, { project_id: 1 });
    expect(clock.waits).toEqual([]);
  });

  test("that is used up ends calls before they are sent, and says how long", async () => {
    const clock = stoppedClock();
    const server = await serve((_, response) => json(response, [], 200, rate(0, 40)));
    const { account } = await connect(server, clock.time);
    await issuesList(account, { project_id: 1 });
    const error = await issuesList(account, { project_id: 1 }).then(() => undefined, caught);
    expect(error).toMatchObject({ code: "rate_limited", retryable: true, toolName: "gitlab_issues_list" });
    expect(error?.details?.["retryAfterSeconds"]).toBeGreaterThan(37);
    expect(error?.details?.["retryAfterSeconds"]).toBeLessThan(42);
    expect(server.arrived).toHaveLength(1);
  });

  test("that ends soon is waited for", async () => {
    const clock = stoppedClock();
    const server = await serve((_, response, number) => json(response, [], 200, number === 1 ? rate(0, 5) : rate(99)));
    const { account } = await connect(server, clock.time);
    await issuesList(account, { project_id: 1 });
    await issuesList(account, { project_id: 1 });
    expect(clock.waits).toHaveLength(1);
    expect(server.arrived).toHaveLength(2);
  });

  test("is one account's own, and one of GitLab's counters' own", async () => {
    const clock = stoppedClock();
    const server = await serve((request, response) =>
      request.url.includes("/files/")
        ? json(response, { content: "" }, 200, rate(0, 40, "throttle_authenticated_files_api"))
        : json(response, [], 200, rate(90)),
    );
    const { gitlab, account } = await connect(server, clock.time);
    await gitlab.connectWithToken({ identifier: "other", token });
    const file = { project_id: 1, file_path: "a", ref: "main" };
    await fileGet(account, file);
    expect(await fileGet(account, file).catch(caught)).toMatchObject({ code: "rate_limited" });
    await issuesList(account, { project_id: 1 });
    await fileGet(gitlab.as("other"), file);
    expect(server.arrived).toHaveLength(3);
    onTestFinished(() => expect(clock.waits).toEqual([]));
  });
});

test("a clock that stands still keeps nobody waiting for ever", async () => {
  const at = Date.now();
  const server = await serve((_, response, number) => json(response, [], 200, number === 1 ? rate(0, 5) : rate(99)));
  const { account } = await connect(server, { now: () => at, sleep: () => Promise.resolve() });
  await issuesList(account, { project_id: 1 });
  await issuesList(account, { project_id: 1 });
  expect(server.arrived).toHaveLength(2);
});

test("a Retry-After beyond all reason does not shut an account out for good", async () => {
  let at = Date.now();
  const server = await serve((_, response, number) =>
    number === 1 ? json(response, {}, 429, { ...rate(0, 40), "retry-after": "99999999999" }) : json(response, []),
  );
  const { account } = await connect(server, { now: () => at, sleep: () => Promise.resolve() });
  const call = () => issuesList(account, { project_id: 1 }).then(() => "result", caught);
  expect(await call()).toMatchObject({ code: "rate_limited" });
  expect(await call()).toMatchObject({ code: "rate_limited", details: { retryAfterSeconds: 3600 } });
  at += 3_600_000;
  expect(await call()).toBe("result");
});
