import { connect } from "node:net";
import { describe, expect, test } from "vitest";
import { field, pluck, setup } from "./client.js";

const { emulator, api, send, token } = setup({ pathPrefix: "gitlab/" });
const app = "/projects/acme%2Fapp";

/** Sends a request line exactly as it is; HTTP clients tidy theirs. */
const raw = (target: string, authorization: string): Promise<string> =>
  new Promise((resolve, reject) => {
    const socket = connect(Number(new URL(emulator().baseUrl).port), "127.0.0.1", () => {
      socket.write(
        `GET ${target} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${authorization}\r\nConnection: close\r\n\r\n`,
      );
    });
    const chunks: Buffer[] = [];
    socket.on("data", (chunk: Buffer) => chunks.push(chunk));
    socket.on("end", () => {
      resolve(Buffer.concat(chunks).toString("utf8"));
    });
    socket.on("error", reject);
  });

describe("places", () => {
  test("everything is below the prefix", async () => {
    expect(emulator().baseUrl).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/gitlab$/);
    const outside = await fetch(`${new URL(emulator().baseUrl).origin}/api/v4/user`);
    expect(outside.status).toBe(404);
    expect(outside.headers.get("content-type")).toContain("text/html");
  });

  test("a path is decoded once", async () => {
    expect((await api(app, { as: "ada" })).status).toBe(200);
    expect(await api("/projects/acme%252Fapp", { as: "ada" })).toMatchObject({
      status: 404,
      body: { message: "404 Project Not Found" },
    });
    expect(await api("/projects/acme/app", { as: "ada" })).toMatchObject({
      status: 404,
      body: { error: "404 Not Found" },
    });
  });

  test("encoded dots are a name like any other", async () => {
    const answer = await raw("/gitlab/api/v4/projects/%2E%2E/issues", token("ada"));
    expect(answer).toContain("404 Project Not Found");
  });

  test("what is no page of GitLab's", async () => {
    expect(await send("/acme/app", { as: "ada" })).toMatchObject({ status: 404 });
  });

  test("HEAD answers like GET, without a body", async () => {
    const answer = await api(`${app}/issues`, { as: "ada", method: "HEAD" });
    expect(answer).toMatchObject({ status: 200, body: "" });
    expect(answer.headers.get("x-total")).toBe("40");
  });

  test("the search of a project has two spellings", async () => {
    for (const path of ["search", "-/search"]) {
      const answer = await api(`${app}/${path}?scope=milestones&search=v2`, { as: "ada" });
      expect(pluck(answer.body, "title")).toEqual(["v2.0"]);
    }
  });
});

describe("behind a proxy that takes no encoded slashes", () => {
  const proxied = setup({ refuseEncodedSlashes: true });

  test("paths of projects end in a page, ids do not", async () => {
    const page = await proxied.api(app, { as: "ada" });
    expect(page).toMatchObject({ status: 404, body: expect.stringContaining("<html>") as unknown });
    expect(page.headers.get("x-request-id")).toBeNull();
    const id = proxied.emulator().state.projectByPath("acme/app")?.id;
    expect((await proxied.api(`/projects/${String(id)}`, { as: "ada" })).status).toBe(200);
  });
});

describe("parameters are checked in Grape's words", () => {
  const cases: readonly (readonly [path: string, error: string])[] = [
    [`${app}/issues?state=stale`, "state does not have a valid value"],
    [`${app}/issues?page=two`, "page is invalid"],
    [`${app}/issues?per_page=0`, "per_page has a value not allowed"],
    [`${app}/issues?iids[]=one`, "iids is invalid"],
    [`${app}/issues?confidential=perhaps`, "confidential is invalid"],
    [`${app}/issues?created_after=yesterday`, "created_after is invalid"],
    [`${app}/issues?not[milestone_id]=Some`, "not[milestone_id] does not have a valid value"],
    [`${app}/issues/first`, "issue_iid is invalid"],
    [`${app}/jobs?scope[]=failed&scope[]=lost`, "scope does not have a valid value"],
    [`${app}/repository/compare?from=main`, "to is missing"],
    [`${app}/search?scope=issues`, "search is missing"],
    ["/projects?order_by=colour&sort=up", "order_by does not have a valid value, sort does not have a valid value"],
  ];
  test.each(cases)("%s", async (path, error) => {
    expect(await api(path, { as: "ada" })).toMatchObject({ status: 400, body: { error } });
  });

  test("what is missing from a body is named together", async () => {
    const answer = await api(`${app}/repository/branches`, { as: "ada", json: {} });
    expect(answer).toMatchObject({ status: 400, body: { error: "branch is missing, ref is missing" } });
  });

  test("what is unknown is ignored, and empty text is no number", async () => {
    const answer = await api(`${app}/issues?colour=red&author_id=&per_page=1`, { as: "ada" });
    expect(answer.status).toBe(200);
  });

  test("bodies are JSON, forms or multipart", async () => {
    const form = await api(`${app}/labels`, { as: "ada", form: { name: "form", color: "#123456" } });
    expect(form).toMatchObject({ status: 201, body: { name: "form" } });
    const multipart = new FormData();
    multipart.set("name", "multipart");
    multipart.set("color", "#123456");
    const sent = await fetch(`${emulator().baseUrl}/api/v4${app}/labels`, {
      method: "POST",
      headers: { authorization: `Bearer ${token("ada")}` },
      body: multipart,
    });
    expect(sent.status).toBe(201);
    const broken = await fetch(`${emulator().baseUrl}/api/v4${app}/labels`, {
      method: "POST",
      headers: { authorization: `Bearer ${token("ada")}`, "content-type": "application/json" },
      body: "{",
    });
    expect(broken.status).toBe(400);
    const xml = await fetch(`${emulator().baseUrl}/api/v4${app}/labels`, {
      method: "POST",
      headers: { authorization: `Bearer ${token("ada")}`, "content-type": "application/xml" },
      body: "<label/>",
    });
    expect(xml.status).toBe(415);
  });

  test("lists come with brackets or commas, hashes with brackets", async () => {
    const iids = async (query: string): Promise<unknown[]> =>
      pluck((await api(`${app}/issues?${query}`, { as: "ada" })).body, "iid");
    expect(await iids("iids[]=2&iids[]=1")).toEqual([2, 1]);
    expect(await iids("iids=2,1")).toEqual([2, 1]);
    expect((await iids("not[labels]=bug&per_page=100")).length).toBeLessThan((await iids("per_page=100")).length);
  });
});

describe("what every answer carries", () => {
  test("a request id, its envelope, and the state of the rate limit", async () => {
    for (const path of ["/api/v4/user", "/api/v4/nowhere", "/oauth/token/info", "/nowhere"]) {
      const { headers } = await send(path, { as: "ada" });
      const id = headers.get("x-request-id");
      expect(id).toMatch(/^01[0-9A-F]{24}$/);
      expect(JSON.parse(headers.get("x-gitlab-meta") ?? "")).toEqual({ correlation_id: id, version: "1" });
    }
    const { headers } = await api("/user", { as: "ada" });
    expect(headers.get("ratelimit-limit")).toBe("100000");
    expect(Number(headers.get("ratelimit-remaining"))).toBeLessThan(100_000);
  });

  test("requests are recorded without secrets", async () => {
    const secret = token("ben");
    await api(`${app}/issues?state=opened`, { as: "ben", headers: { "x-sent-by": "test" } });
    const record = emulator().requests.at(-1);
    expect(record).toMatchObject({
      method: "GET",
      path: "/api/v4/projects/acme%2Fapp/issues",
      query: "state=opened",
      status: 200,
      username: "ben",
      credentials: "bearer",
      operationId: "getApiV4ProjectsIdIssues",
    });
    expect(field(record, "headers", "x-sent-by")).toBe("test");
    expect(JSON.stringify(emulator().requests)).not.toContain(secret);
  });
});
