import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createGitLab, GitLabToolError, type AccountStore } from "gitlab-agent-tools";
import { issueCreate, issuesList, issueUpdate, jobArtifactsDownload } from "gitlab-agent-tools/tools";
import { describe, expect, onTestFinished, test } from "vitest";
import { openStore } from "../../src/stores/open-store.js";
import { connect, json, serve, token } from "../support/server.js";

const caught = (error: unknown): GitLabToolError => {
  if (error instanceof GitLabToolError) return error;
  throw error;
};

describe("retry: reads", () => {
  const sleep = (): Promise<void> => Promise.resolve();

  test("sends no change again that GitLab may have carried out", async () => {
    const server = await serve((_, response) => void response.writeHead(502).end());
    const { account } = await connect(server, { retry: "reads", sleep });
    const error = await issueUpdate(account, { project_id: 1, issue_iid: 1, title: "x" }).then(() => undefined, caught);
    expect(error).toMatchObject({ code: "gitlab_unavailable", status: 502 });
    expect(server.arrived).toHaveLength(1);
  });

  test("sends reads again, and what GitLab has certainly not carried out", async () => {
    const server = await serve((request, response, number) => {
      if (number % 2 === 1) response.writeHead(request.method === "GET" ? 502 : 429).end();
      else json(response, request.method === "GET" ? [] : { iid: 1 });
    });
    const { account } = await connect(server, { retry: "reads", sleep });
    await issuesList(account, { project_id: 1 });
    await issueUpdate(account, { project_id: 1, issue_iid: 1, title: "x" });
    expect(server.arrived.map(({ method }) => method)).toEqual(["GET", "GET", "PUT", "PUT"]);
  });
});

test("a change that was approved for one instance does not go to another", async () => {
  const first = await serve((_, response) => json(response, {}));
  const second = await serve((_, response) => json(response, {}));
  const key = { connectionName: "acme", identifier: "ada" };
  const gitlab = createGitLab({
    store: "memory:",
    async onBeforeWrite() {
      await gitlab.connections.set("acme", { baseUrl: second.baseUrl });
      await gitlab.connectWithToken({ ...key, token });
    },
  });
  onTestFinished(() => gitlab.close());
  await gitlab.connections.set("acme", { baseUrl: first.baseUrl });
  await gitlab.connectWithToken({ ...key, token });
  const account = gitlab.as("ada", { connectionName: "acme" });
  const error = await issueCreate(account, { project_id: 1, title: "x" }).then(() => undefined, caught);
  expect(error).toMatchObject({ code: "forbidden", details: { policy: "onBeforeWrite" } });
  expect([...first.arrived, ...second.arrived]).toEqual([]);
});

test("a clock that is set back by an hour does not prolong a rate limit", async () => {
  let at = Date.now();
  const waits: number[] = [];
  const limited = { "ratelimit-limit": "10", "ratelimit-remaining": "0", "ratelimit-name": "throttle" };
  const server = await serve((_, response, number) =>
    json(
      response,
      [],
      200,
      number === 1 ? { ...limited, "ratelimit-reset": String(Math.floor(Date.now() / 1000) + 5) } : {},
    ),
  );
  const sleep = (ms: number): Promise<void> => Promise.resolve(void waits.push(ms));
  const { account } = await connect(server, { now: () => at, sleep });
  await issuesList(account, { project_id: 1 });
  at -= 3_600_000;
  expect((await issuesList(account, { project_id: 1 })).data).toEqual([]);
  expect(waits).toHaveLength(1);
  expect(waits[0]).toBeLessThan(7000);
});

describe("the name of a download", () => {
  async function folder(): Promise<string> {
    const made = await mkdtemp(join(tmpdir(), "downloads-"));
    onTestFinished(() => rm(made, { recursive: true, force: true }));
    return made;
  }

  test("may be as long as names can be", async () => {
    const server = await serve((_, response) => void response.end("PK"));
    const { account } = await connect(server);
    const place = await folder();
    const name = "n".repeat(240);
    await jobArtifactsDownload(account, { project_id: 1, job_id: 1, save_to: join(place, name) });
    expect(await readdir(place)).toEqual([name]);
  });

  test("that is too long is refused before anything is sent", async () => {
    const server = await serve((_, response) => void response.end("PK"));
    const { account } = await connect(server);
    const save_to = join(await folder(), "n".repeat(300));
    const error = await jobArtifactsDownload(account, { project_id: 1, job_id: 1, save_to }).then(
      () => undefined,
      caught,
    );
    expect(error).toMatchObject({ code: "invalid_input", details: { fields: [{ field: "save_to" }] } });
    expect(server.arrived).toEqual([]);
  });
});

test("a store that does not answer holds nobody longer than the call's budget", async () => {
  const server = await serve((_, response) => json(response, []));
  const inner = openStore("memory:");
  let stuck = false;
  const store: AccountStore = new Proxy(inner, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name);
      if (typeof value !== "function") return value;
      return (...given: unknown[]): unknown =>
        stuck ? new Promise(() => undefined) : Reflect.apply(value as (...all: unknown[]) => unknown, target, given);
    },
  });
  const gitlab = createGitLab({ store, encryptionKey: Buffer.alloc(32, 1).toString("base64"), accountCacheSeconds: 0 });
  await gitlab.connections.set("acme", { baseUrl: server.baseUrl });
  await gitlab.connectWithToken({ connectionName: "acme", identifier: "ada", token });
  stuck = true;
  const call = issuesList(gitlab.as("ada", { connectionName: "acme" }), { project_id: 1 }, { timeoutMs: 80 });
  const error = await call.then(() => undefined, caught);
  expect(error).toMatchObject({ code: "timeout", retryable: true });
  expect(error?.message).toContain("nothing was sent");
  expect(server.arrived).toEqual([]);
});
