import { describe, expect, test } from "vitest";
import { setup } from "./client.js";

const { emulator, api, send, token, clock } = setup({ rateLimit: { limit: 1000, periodSeconds: 60 } });
const app = "/projects/acme%2Fapp";

const issues = (): Promise<Response> =>
  fetch(`${emulator().baseUrl}/api/v4${app}/issues`, { headers: { authorization: `Bearer ${token("ada")}` } });

describe("faults", () => {
  test("answer instead of GitLab, so many times", async () => {
    const fault = emulator().faults.add({
      method: "GET",
      path: "/issues",
      times: 2,
      status: 503,
      body: "<html><body>Deploy in progress</body></html>",
      headers: { "retry-after": "7" },
    });
    const first = await api(`${app}/issues`, { as: "ada" });
    expect(first).toMatchObject({ status: 503, body: expect.stringContaining("Deploy") as unknown });
    expect(first.headers.get("content-type")).toBe("text/html");
    expect(first.headers.get("retry-after")).toBe("7");
    expect((await api(app, { as: "ada" })).status).toBe(200);
    expect((await api(`${app}/issues`, { as: "ada" })).status).toBe(503);
    expect((await api(`${app}/issues`, { as: "ada" })).status).toBe(200);
    expect(fault.strikes).toBe(2);
    fault.remove();
  });

  test("can be for one user, one operation, and later", async () => {
    const fault = emulator().faults.add({
      operationId: "getApiV4User",
      username: "ben",
      after: 1,
      status: 500,
      body: { message: "500 Internal Server Error" },
    });
    const statuses = [];
    for (const as of ["ben", "ada", "ben", "ben"]) statuses.push((await api("/user", { as })).status);
    expect(statuses).toEqual([200, 200, 500, 200]);
    fault.remove();
  });

  test("meet the token endpoint too", async () => {
    emulator().faults.add({ path: "/oauth/token", status: 502, body: "Bad gateway" });
    expect(await send("/oauth/token", { form: { grant_type: "refresh_token" } })).toMatchObject({ status: 502 });
  });

  test("reset the connection before GitLab acts", async () => {
    emulator().faults.add({ method: "POST", path: "/labels", reset: "before" });
    await expect(api(`${app}/labels`, { as: "ada", json: { name: "lost", color: "red" } })).rejects.toThrow();
    expect(emulator().state.planning.labels.some(({ name }) => name === "lost")).toBe(false);
    expect(emulator().requests.at(-1)).toMatchObject({ status: 0 });
  });

  test("reset the connection after GitLab acted", async () => {
    emulator().faults.add({ method: "POST", path: "/labels", reset: "after" });
    await expect(api(`${app}/labels`, { as: "ada", json: { name: "made", color: "red" } })).rejects.toThrow();
    expect(emulator().state.planning.labels.some(({ name }) => name === "made")).toBe(true);
  });

  test("break off in the middle of a body", async () => {
    emulator().faults.add({ path: "/issues", resetMidBody: true });
    const answer = await issues();
    expect(answer.status).toBe(200);
    await expect(answer.text()).rejects.toThrow();
  });

  test("send half a document", async () => {
    emulator().faults.add({ path: "/issues", truncate: true });
    const answer = await issues();
    expect(answer.status).toBe(200);
    const text = await answer.text();
    expect(text).toMatch(/^\[/);
    expect(() => {
      JSON.parse(text);
    }).toThrow();
  });

  test("send a damaged gzip stream", async () => {
    emulator().faults.add({ path: "/issues", badGzip: true });
    const answer = await issues();
    expect(answer.headers.get("content-encoding")).toBe("gzip");
    await expect(answer.text()).rejects.toThrow();
  });

  test("dawdle", async () => {
    emulator().faults.add({ path: "/issues", delayMs: 30, slowBodyMs: 2 });
    const begun = performance.now();
    const answer = await issues();
    expect(performance.now() - begun).toBeGreaterThan(25);
    expect(Array.isArray(await answer.json())).toBe(true);
  });

  test("add headers to the real answer", async () => {
    emulator().faults.add({ path: "/user", headers: { "ratelimit-remaining": "1" } });
    const answer = await api("/user", { as: "ada" });
    expect(answer.status).toBe(200);
    expect(answer.headers.get("ratelimit-remaining")).toBe("1");
  });
});

test("the rate limit is each token's own and starts again every period", async () => {
  emulator().setRateLimit({ limit: 2, periodSeconds: 60 });
  clock.advance(120);
  await api("/user", { as: "guest" });
  const second = await api("/user", { as: "guest" });
  expect(second.headers.get("ratelimit-remaining")).toBe("0");
  const third = await api("/user", { as: "guest" });
  expect(third).toMatchObject({ status: 429, body: "Retry later\n" });
  expect(third.headers.get("content-type")).toContain("text/plain");
  expect(third.headers.get("ratelimit-observed")).toBe("3");
  expect(Number(third.headers.get("retry-after"))).toBeGreaterThan(0);
  expect(Number(third.headers.get("ratelimit-reset"))).toBeGreaterThan(clock.now().getTime() / 1000);
  expect((await api("/user", { as: "ada" })).status).toBe(200);
  clock.advance(60);
  expect((await api("/user", { as: "guest" })).status).toBe(200);
});
