import { once } from "node:events";
import { GitLabToolError } from "gitlab-agent-tools";
import { issueCreate, issuesList, projectGet } from "gitlab-agent-tools/tools";
import { expect, test } from "vitest";
import { connect, json, serve, token } from "../support/server.js";

const caught = (error: unknown): GitLabToolError => {
  if (error instanceof GitLabToolError) return error;
  throw error;
};

test("a timeout closes the socket", async () => {
  const closed: Promise<unknown>[] = [];
  const server = await serve((_, response, number) => {
    // The first call loads what the second uses.
    if (number === 1) json(response, {});
    else closed.push(once(response, "close"));
  });
  const { account } = await connect(server);
  await projectGet(account, { project_id: 1 });
  const error = await projectGet(account, { project_id: 1 }, { timeoutMs: 100 }).then(() => undefined, caught);
  expect(error).toMatchObject({ code: "timeout", retryable: true, details: { timeoutMs: 100 } });
  expect(closed).toHaveLength(1);
  await Promise.all(closed);
});

test("a body that does not end is cut off too", async () => {
  const closed: Promise<unknown>[] = [];
  const server = await serve((_, response) => {
    closed.push(once(response, "close"));
    response.writeHead(200, { "content-type": "application/json" }).write("[1,");
  });
  const { account } = await connect(server);
  const error = await projectGet(account, { project_id: 1 }, { timeoutMs: 100 }).then(() => undefined, caught);
  expect(error?.code).toBe("timeout");
  await Promise.all(closed);
});

test("an abort reaches the socket, and an aborted call sends nothing", async () => {
  const stop = new AbortController();
  const closed: Promise<unknown>[] = [];
  const server = await serve((_, response) => {
    closed.push(once(response, "close"));
    stop.abort();
  });
  const { account } = await connect(server);
  const call = () => projectGet(account, { project_id: 1 }, { signal: stop.signal }).then(() => undefined, caught);
  expect((await call())?.code).toBe("aborted");
  await Promise.all(closed);
  expect((await call())?.code).toBe("aborted");
  expect(server.arrived).toHaveLength(1);
});

test("a dry run shows method, URL and body, and sends nothing", async () => {
  const server = await serve((_, response) => json(response, {}), { prefix: "/gitlab" });
  const { account } = await connect(server);
  const input = { project_id: "g/p", title: "Broken", labels: ["bug", "p1"], assignee_ids: [3] };
  const { data, status } = await issueCreate(account, input, { dryRun: true });
  expect(data).toEqual({
    method: "POST",
    url: `${server.baseUrl}/api/v4/projects/g%2Fp/issues`,
    body: { title: "Broken", labels: "bug,p1", assignee_ids: [3] },
  });
  expect(status).toBe(0);
  expect(JSON.stringify(data)).not.toContain(token);
  expect(server.arrived).toHaveLength(0);
});

test("a write whose connection broke off says that it may have happened, and is not sent twice", async () => {
  const server = await serve((_, response) => response.destroy());
  const { account } = await connect(server);
  const error = await issueCreate(account, { project_id: 1, title: "x" }).then(() => undefined, caught);
  expect(error).toMatchObject({ code: "network_error", retryable: false });
  expect(error?.message).toContain("may have been carried out");
  expect(server.arrived).toHaveLength(1);
});

test("a read is sent again after a lost connection and after 503", async () => {
  const server = await serve((_, response, number) => {
    if (number === 1) response.destroy();
    else if (number === 2) response.writeHead(503, { "retry-after": "0" }).end();
    else json(response, []);
  });
  const { account } = await connect(server);
  expect((await issuesList(account, { project_id: 1 })).data).toEqual([]);
  expect(server.arrived).toHaveLength(3);
});

test("nobody there: nothing can have happened, so even a write may be repeated", async () => {
  const server = await serve((_, response) => json(response, []));
  await server.stop();
  const { account } = await connect(server);
  const error = await issueCreate(account, { project_id: 1, title: "x" }, { timeoutMs: 3000 }).then(
    () => undefined,
    caught,
  );
  expect(error).toMatchObject({ code: "network_error", retryable: true });
  expect(error?.message).not.toContain("may have been");
});

test("a call that runs out of time is no rate limit", async () => {
  const server = await serve((_, response) => json(response, []));
  const { account } = await connect(server);
  const calls = Array.from({ length: 300 }, () =>
    issuesList(account, { project_id: 1 }, { timeoutMs: 2 }).catch(caught),
  );
  const codes = new Set((await Promise.all(calls)).map((outcome) => ("code" in outcome ? outcome.code : "result")));
  expect([...codes].filter((code) => code !== "timeout" && code !== "result")).toEqual([]);
});
