import { GitLabToolError } from "gitlab-agent-tools";
import {
  branchDelete,
  issueCreate,
  issueGet,
  issueNoteCreate,
  issuesList,
  issueUpdate,
  pipelineCreate,
} from "gitlab-agent-tools/tools";
import { describe, expect, test } from "vitest";
import { connect, json, serve, type Respond } from "../support/server.js";

const caught = (error: unknown): GitLabToolError => {
  if (error instanceof GitLabToolError) return error;
  throw error;
};

/** An account on a server whose waits are noted and not waited. */
async function account(respond: Respond, options: Parameters<typeof connect>[1] = {}) {
  const waits: number[] = [];
  const server = await serve(respond);
  const sleep = (ms: number): Promise<void> => {
    waits.push(ms);
    return Promise.resolve();
  };
  return { ...(await connect(server, { sleep, ...options })), arrived: server.arrived, waits };
}

const failing =
  (status: number, headers: Record<string, string> = {}, times = 1): Respond =>
  (_, response, number) =>
    number <= times ? response.writeHead(status, headers).end() : json(response, { id: 1, iid: 1 });

describe("sent again", () => {
  test.each([429, 502, 503, 504])("a read after %i", async (status) => {
    const { account: me, arrived, waits } = await account(failing(status));
    await issueGet(me, { project_id: 1, issue_iid: 1 });
    expect(arrived).toHaveLength(2);
    expect(waits).toHaveLength(1);
  });

  test("a write that repeats harmlessly, after 503 and after a lost connection", async () => {
    const { account: me, arrived } = await account((_, response, number) => {
      if (number === 1) response.writeHead(503).end();
      else if (number === 2) response.destroy();
      else json(response, { iid: 1 });
    });
    await issueUpdate(me, { project_id: 1, issue_iid: 1, title: "x" });
    expect(arrived.map(({ method }) => method)).toEqual(["PUT", "PUT", "PUT"]);
    expect(new Set(arrived.map(({ body }) => body)).size).toBe(1);
  });

  test("any write after 429, which comes before GitLab acts", async () => {
    const { account: me, arrived } = await account(failing(429, { "retry-after": "2" }));
    await issueCreate(me, { project_id: 1, title: "x" });
    expect(arrived.map(({ body }) => body)).toEqual(['{"title":"x"}', '{"title":"x"}']);
  });

  test("a read whose answer broke off or was damaged", async () => {
    const { account: me, arrived } = await account((_, response, number) => {
      if (number === 1) {
        response.writeHead(200, { "content-length": "100" }).write('{"id"');
        setImmediate(() => response.destroy());
      } else if (number === 2) response.writeHead(200).end('{"id": 1, "na');
      else json(response, { id: 1 });
    });
    expect((await issueGet(me, { project_id: 1, issue_iid: 1 })).data).toMatchObject({ id: 1 });
    expect(arrived).toHaveLength(3);
  });
});

describe("not sent again", () => {
  test.each([500, 502, 503, 504])("a write that would happen twice, after %i", async (status) => {
    const { account: me, arrived } = await account(failing(status));
    const error = await issueNoteCreate(me, { project_id: 1, issue_iid: 1, body: "x" }).then(() => undefined, caught);
    expect(error).toMatchObject({ code: "gitlab_unavailable", retryable: false, status });
    expect(error?.message).toContain("may have been carried out; check before repeating");
    expect(arrived).toHaveLength(1);
  });

  test("a write whose answer broke off: GitLab has carried it out", async () => {
    const { account: me, arrived } = await account((_, response) => {
      response.writeHead(201, { "content-length": "100", "x-request-id": "req-9" }).write('{"id"');
      setImmediate(() => response.destroy());
    });
    const error = await pipelineCreate(me, { project_id: 1, ref: "main" }).then(() => undefined, caught);
    expect(error).toMatchObject({ code: "network_error", retryable: false, status: 201, requestId: "req-9" });
    expect(error?.message).toContain("has carried the request out");
    expect(error?.hint).toContain("Do not repeat it");
    expect(arrived).toHaveLength(1);
  });

  test("a write whose answer was damaged: the same", async () => {
    const { account: me, arrived } = await account((_, response) => response.writeHead(201).end('{"id": 1, '));
    const error = await pipelineCreate(me, { project_id: 1, ref: "main" }).then(() => undefined, caught);
    expect(error).toMatchObject({ code: "gitlab_unavailable", retryable: false, status: 201 });
    expect(error?.message).toContain("has carried the request out");
    expect(arrived).toHaveLength(1);
  });

  test("what no repetition helps: 400, 404, 500 on a read", async () => {
    for (const status of [400, 404, 500]) {
      const { account: me, arrived } = await account(failing(status, {}, 9), { lookups: false });
      await issueGet(me, { project_id: 1, issue_iid: 1 }).then(() => undefined, caught);
      expect(arrived).toHaveLength(1);
    }
  });

  test("more often than the client's limits say", async () => {
    for (const attempts of [1, 5]) {
      const { account: me, arrived } = await account(failing(503, {}, 99), { limits: { attempts } });
      expect(await issueGet(me, { project_id: 1, issue_iid: 1 }).catch(caught)).toMatchObject({
        code: "gitlab_unavailable",
        retryable: true,
      });
      expect(arrived).toHaveLength(attempts);
    }
  });
});

describe("the wait", () => {
  test("grows, and is never the same for two callers", async () => {
    const { account: me, waits } = await account(failing(503, {}, 99), { limits: { attempts: 6 } });
    await issueGet(me, { project_id: 1, issue_iid: 1 }).catch(caught);
    const bounds = [400, 800, 1600, 3200, 6400];
    expect(waits).toHaveLength(bounds.length);
    for (const [index, most] of bounds.entries()) {
      expect(waits[index]).toBeGreaterThanOrEqual(most / 2);
      expect(waits[index]).toBeLessThanOrEqual(most);
    }
  });

  test("is what Retry-After says, in seconds or as a date", async () => {
    const now = Date.parse("2026-11-23T10:00:00Z");
    for (const header of ["4", "Mon, 23 Nov 2026 10:00:04 GMT"]) {
      const { account: me, waits } = await account(failing(429, { "retry-after": header }), { now: () => now });
      await issueGet(me, { project_id: 1, issue_iid: 1 });
      expect(waits).toHaveLength(1);
      expect(waits[0]).toBeGreaterThanOrEqual(4000);
      expect(waits[0]).toBeLessThan(4300);
    }
  });

  test("is what RateLimit-Reset says where nothing else does", async () => {
    const now = Date.parse("2026-11-23T10:00:00Z");
    const { account: me, waits } = await account(failing(429, { "ratelimit-reset": String(now / 1000 + 7) }), {
      now: () => now,
    });
    await issueGet(me, { project_id: 1, issue_iid: 1 });
    expect(waits[0]).toBeGreaterThanOrEqual(7000);
    expect(waits[0]).toBeLessThan(7300);
  });

  test("that is too long for the client or for the budget is an error at once, which says how long", async () => {
    const long = await account(failing(429, { "retry-after": "40" }, 9));
    expect(await issuesList(long.account, { project_id: 1 }).catch(caught)).toMatchObject({
      code: "rate_limited",
      retryable: true,
      details: { retryAfterSeconds: 40 },
    });
    const short = await account(failing(429, { "retry-after": "2" }, 9));
    expect(await issuesList(short.account, { project_id: 1 }, { timeoutMs: 1000 }).catch(caught)).toMatchObject({
      code: "rate_limited",
      details: { retryAfterSeconds: 2 },
    });
    expect([...long.waits, ...short.waits]).toEqual([]);
    expect(long.arrived.length + short.arrived.length).toBe(2);
  });

  test("ends when the caller cancels", async () => {
    const stop = new AbortController();
    const { account: me, arrived } = await account(failing(503, {}, 9), {
      sleep: (_, signal) =>
        new Promise((_resolve, reject) => {
          signal?.addEventListener("abort", () => reject(new DOMException("Aborted", "AbortError")));
          stop.abort();
        }),
    });
    const error = await issuesList(me, { project_id: 1 }, { signal: stop.signal }).then(() => undefined, caught);
    expect(error?.code).toBe("aborted");
    expect(arrived).toHaveLength(1);
  });
});

test("a deletion that got lost and is then not found says that it may have worked", async () => {
  const { account: me, arrived } = await account((_, response, number) =>
    number === 1 ? response.destroy() : json(response, { message: "404 Branch Not Found" }, 404),
  );
  const error = await branchDelete(me, { project_id: 1, branch: "x" }).then(() => undefined, caught);
  expect(error?.code).toBe("not_found");
  expect(error?.message).toContain("An earlier attempt of this call got no answer: it may have done the work.");
  expect(arrived).toHaveLength(2);
});

test("a change that repeats harmlessly does not where its text has quick actions", async () => {
  const spend = { project_id: 1, issue_iid: 1, description: "Done.\n/spend 1h" };
  const lost = await account((_, response) => response.destroy());
  const error = await issueUpdate(lost.account, spend).then(() => undefined, caught);
  expect(error).toMatchObject({ code: "network_error", retryable: false });
  expect(error?.message).toContain("may have been carried out");
  expect(lost.arrived).toHaveLength(1);

  const busy = await account(failing(503, {}, 9));
  expect(await issueUpdate(busy.account, spend).then(() => undefined, caught)).toMatchObject({
    code: "gitlab_unavailable",
    retryable: false,
  });
  expect(busy.arrived).toHaveLength(1);

  const limited = await account(failing(429));
  await issueUpdate(limited.account, spend);
  expect(limited.arrived).toHaveLength(2);

  const harmless = await account(failing(503), { policy: { quickActions: "escape" } });
  await issueUpdate(harmless.account, spend);
  expect(harmless.arrived).toHaveLength(2);
});

test("an answer that fails for a reason of its own is not asked for again", async () => {
  let sent = 0;
  const server = await serve((_, response) => json(response, {}));
  const { account: me } = await connect(server, {
    lookups: false,
    sleep: () => Promise.resolve(),
    fetch: (...request) => {
      if (!new Request(...request).url.includes("/issues/")) return fetch(...request);
      sent += 1;
      const body = new ReadableStream({ start: (controller) => controller.error(new RangeError("of its own")) });
      return Promise.resolve(new Response(body));
    },
  });
  expect(await issueGet(me, { project_id: 1, issue_iid: 1 }).catch(caught)).toMatchObject({ code: "internal" });
  expect(sent).toBe(1);
});
