import { once } from "node:events";
import { expect, onTestFinished, test } from "vitest";
import { createApiKeys } from "../../src/serve/api-keys.js";
import { serveGateway } from "../../src/serve/serve.js";
import { gateway } from "../support/gateway.js";
import { connect, serve } from "../support/server.js";

const body = { identifier: "user_ada", tool_name: "gitlab_current_user_get" };

test("stopping lets calls under way finish, and takes no others", async () => {
  const { server, send, key: newKey, emulator, requests } = await gateway();
  const key = await newKey();
  let arrived = (): void => undefined;
  const underWay = new Promise<void>((resolve) => (arrived = resolve));
  emulator.faults.add({ path: "/api/v4/user", delayMs: 200 });
  const before = emulator.requests.length;
  const call = send("POST", "/v1/execute", { key, body });
  const poll = setInterval(() => emulator.requests.length > before && arrived(), 5);
  onTestFinished(() => clearInterval(poll));
  const answered = call.then(({ status }) => status);
  await Promise.race([underWay, answered]);
  await server.close();
  expect(await answered).toBe(200);
  await expect(send("GET", "/v1/accounts", { key })).rejects.toThrow("fetch failed");
  expect(requests.map(({ operation, status }) => [operation, status])).toEqual([["execute_tool", 200]]);
});

test("stopping aborts what takes too long, and says so", async () => {
  const closed: Promise<unknown>[] = [];
  const upstream = await serve((_, response) => void closed.push(once(response, "close")));
  const { gitlab } = await connect(upstream);
  const server = await serveGateway({ gitlab, onError: () => undefined });
  const { key } = await createApiKeys(gitlab).create({
    ...{ name: "x", namespace: null, scopes: ["tools:execute"], access: "read", connections: ["gitlab"] },
    expiresIn: "1h",
  });
  const call = fetch(new URL("/v1/execute", server.url), {
    method: "POST",
    headers: { Authorization: `Bearer ${key}` },
    body: JSON.stringify({ identifier: "user_1", tool_name: "gitlab_project_get", tool_input: { project_id: 1 } }),
  });
  await expect.poll(() => closed.length).toBe(1);
  await server.close({ graceMs: 10 });
  const response = await call;
  expect([response.status, await response.json()]).toMatchObject([503, { error: { code: "aborted" } }]);
  await Promise.all(closed);
});

test("a client that goes away ends its call; what has an Idempotency-Key goes on", async () => {
  const closed: Promise<unknown>[] = [];
  const upstream = await serve((_, response) => void closed.push(once(response, "close")));
  const { gitlab } = await connect(upstream);
  const server = await serveGateway({ gitlab, onError: () => undefined });
  onTestFinished(() => server.close({ graceMs: 0 }));
  const { key } = await createApiKeys(gitlab).create({
    ...{ name: "x", namespace: null, scopes: ["tools:execute"], access: "write", connections: ["gitlab"] },
    expiresIn: "1h",
  });
  const leave = new AbortController();
  const call = (headers: Record<string, string>) =>
    fetch(new URL("/v1/execute", server.url), {
      method: "POST",
      signal: leave.signal,
      headers: { Authorization: `Bearer ${key}`, ...headers },
      body: JSON.stringify({
        ...{ identifier: "user_1", tool_name: "gitlab_issue_create" },
        tool_input: { project_id: 1, title: "x" },
      }),
    }).catch(() => undefined);
  const calls = [call({}), call({ "Idempotency-Key": "one" })];
  await expect.poll(() => closed.length).toBe(2);
  leave.abort();
  await Promise.all(calls);
  await Promise.race(closed);
  // The other one is still waited for: only stopping ends it.
  const [first, second] = await Promise.all(
    closed.map((one) =>
      Promise.race([one.then(() => "ended"), new Promise((resolve) => setImmediate(resolve, "open"))]),
    ),
  );
  expect([first, second].toSorted()).toEqual(["ended", "open"]);
});

test("health says whether the store answers, and that the gateway stops", async () => {
  const { url, server, gitlab } = await gateway();
  expect(await (await fetch(new URL("/healthz", url))).json()).toEqual({ status: "ok" });
  expect((await fetch(new URL("/readyz", url))).status).toBe(200);
  await gitlab.close();
  expect((await fetch(new URL("/readyz", url))).status).toBe(503);
  await server.close();
});

test("with callback, its page completes a link's authorization, once, and says who was connected", async () => {
  const { url, send, key: newKey, emulator, gitlab } = await gateway({ callback: true });
  const redirectUri = `${url}/callback/{connection}`;
  const application = emulator.oauth.createApplication({ redirectUri: `${url}/callback/own`, scopes: ["api"] });
  await gitlab.connections.set("own", { baseUrl: emulator.baseUrl, redirectUri, scopes: ["api"], ...application });
  const key = await newKey({ connections: ["own"] });
  const ben = { connection_name: "own", identifier: "user_ben" };
  const { body: made } = await send("POST", "/v1/account/link", { key, body: ben });
  const back = emulator.oauth.authorize(String(made["link"]), { username: "ben" });
  const page = await fetch(back);
  expect([page.status, page.headers.get("x-frame-options")]).toEqual([200, "DENY"]);
  expect(await page.text()).toContain("@ben");
  const { body } = await send("GET", "/v1/account?connection_name=own&identifier=user_ben", { key });
  expect(body["connected_account"]).toMatchObject({ ...ben, status: "ACTIVE" });
  const again = await fetch(back);
  expect([again.status, await again.text()]).toEqual([400, expect.stringContaining("used already")]);
  const { body: other } = await send("POST", "/v1/account/link", { key, body: ben });
  const refused = await fetch(emulator.oauth.authorize(String(other["link"]), { username: "ben", deny: true }));
  expect(refused.status).toBe(403);
});
