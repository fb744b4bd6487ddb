import { describe, expect, test } from "vitest";
import { field, setup } from "./client.js";
import { documented, operationsWithoutSteps, problemsOf } from "./conformance.js";

const { emulator, api } = setup();
const app = "/projects/acme%2Fapp";

describe("an operation that the emulator does not have", () => {
  test("is never refused as GitLab would: 501 names the emulator, the operation and the way to declare an answer", async () => {
    for (const [method, path] of [
      ["GET", "/nowhere"],
      ["DELETE", "/user"],
      ["POST", `${app}/nowhere`],
    ] as const) {
      const answer = await api(path, { as: "ada", method });
      expect(answer.status).toBe(501);
      expect(answer.headers.get("x-emulator")).toBe("not-declared");
      const message = String(field(answer.body, "message"));
      expect(message).toContain("GitLab emulator");
      expect(message).toContain(`${method} `);
      expect(message).toContain("emulator.on(");
    }
  });

  test("is not asked for by a project's path that nobody encoded: GitLab itself has no such route", async () => {
    expect(await api("/projects/acme/app", { as: "ada" })).toMatchObject({
      status: 404,
      body: { error: "404 Not Found" },
    });
  });

  test("is not swallowed by its neighbour: pipelines/latest is no pipeline called latest", async () => {
    const latest = await api(`${app}/pipelines/latest`, { as: "ada" });
    expect(latest).toMatchObject({ status: 200, body: { ref: "main" } });
    expect(await api(`${app}/pipelines/latest?ref=nowhere`, { as: "ada" })).toMatchObject({ status: 403 });
    expect(await api(`${app}/pipelines/first`, { as: "ada" })).toMatchObject({
      status: 400,
      body: { error: "pipeline_id is invalid" },
    });
  });
});

describe("emulator.on", () => {
  test("declares an answer, with the path's parameters and the body", async () => {
    const declared = emulator().on("POST", "/projects/:id/oddities/:name", ({ pathParameters, body, username }) => ({
      status: 201,
      body: { ...pathParameters, ...body, username },
      headers: { "x-own": "yes" },
    }));
    const sending = { as: "ada", json: { much: 3 } };
    const answer = await api(`${app}/oddities/a%2Fb`, sending);
    expect(answer).toMatchObject({ status: 201, body: { id: "acme/app", name: "a/b", much: 3, username: "ada" } });
    expect(answer.headers.get("x-own")).toBe("yes");
    declared.remove();
    expect((await api(`${app}/oddities/a%2Fb`, sending)).status).toBe(501);
  });

  test("comes before the emulator's own answer, which it may leave the request to", async () => {
    const declared = emulator().on("GET", "/projects/{id}/labels", ({ query }) =>
      query.has("own") ? { body: [] } : undefined,
    );
    expect((await api(`${app}/labels?own`, { as: "ada" })).body).toEqual([]);
    expect((await api(`${app}/labels`, { as: "ada" })).body).not.toEqual([]);
    declared.remove();
  });

  test("does not let a wrong token in", async () => {
    const declared = emulator().on("GET", "/oddities", () => ({ body: {} }));
    expect((await api("/oddities", { token: "glpat-unknown" })).status).toBe(401);
    declared.remove();
  });
});

describe("every operation of the specification, asked once without knowing more of it", () => {
  const fill = (path: string): string =>
    path
      .replace("(-/)", "")
      .replace(/^\/api\/v4\/projects\/\{\w+\}/, app)
      .replace(/^\/api\/v4\/groups\/\{\w+\}/, "/groups/acme")
      .replace(/^\/api\/v4/, "")
      .replace(/\{issue_iid\}|\{merge_request_iid\}/, "1")
      .replace(/\{(\w*sha|commit_id)\}/g, "0000000000000000000000000000000000000001")
      .replace(/\{\w+\}/g, "7");

  test("answers a read with records that keep to it, the same ones each time; a write with 501", async () => {
    const problems: string[] = [];
    for (const { operationId, method, path, query, served } of operationsWithoutSteps()) {
      const address = fill(path) + query;
      const answer = await api(address, { as: "root", method });
      const mark = answer.headers.get("x-emulator");
      if (mark === null) {
        // The emulator has it beyond the document: nothing breaks.
        if (documented.includes(operationId) || answer.status === 500)
          problems.push(`${operationId}: ${answer.status}`);
        continue;
      }
      if (mark !== served) problems.push(`${operationId}: ${mark}, not ${served}`);
      if (mark !== "generated") continue;
      const contentType = answer.headers.get("content-type") ?? "";
      problems.push(...problemsOf({ operationId, status: answer.status, contentType, body: answer.body }));
      if (JSON.stringify((await api(address, { as: "root" })).body) !== JSON.stringify(answer.body)) {
        problems.push(`${operationId}: another answer the second time`);
      }
    }
    expect(problems).toEqual([]);
    expect(documented.length).toBeGreaterThan(100);
  });
});
