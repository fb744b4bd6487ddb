import { createGitLab } from "gitlab-agent-tools";
import { issueCreate, issuesList } from "gitlab-agent-tools/tools";
import { expect, test } from "vitest";
import { classify } from "../../src/errors/classify.js";
import { refusal, stage } from "../support/people.js";
import { listen, token } from "../support/server.js";

test("who connected with a token is told to connect another one", async () => {
  const { as } = await stage();
  const error = await refusal(issueCreate(await as("ben", ["read_api"]), { project_id: "acme/app", title: "x" }));
  expect(error.code).toBe("insufficient_scope");
  expect(error.hint).toMatch(/create one with the scope api and connect it with connectWithToken/);
});

test("the verdict that a token was revoked has GitLab's id of the request", async () => {
  const server = await listen((request, response) => {
    const own = request.url.includes("/issues");
    const body = own || revoked ? { error: "invalid_token", error_description: "Token was revoked." } : { id: 1 };
    response
      .writeHead("error" in body ? 401 : 200, { "content-type": "application/json", "x-request-id": "req-42" })
      .end(JSON.stringify(body));
  });
  let revoked = false;
  const client = createGitLab({ store: "memory:", connections: { gitlab: { baseUrl: server.baseUrl } } });
  try {
    await client.connectWithToken({ identifier: "ada", token });
    revoked = true;
    const error = await refusal(issuesList(client.as("ada"), { project_id: "g/p" }));
    expect(error).toMatchObject({ code: "account_revoked", requestId: "req-42" });
  } finally {
    await client.close();
    await server.stop();
  }
});

test("no pipeline for a ref is no missing role", () => {
  const error = classify({
    toolName: "gitlab_pipeline_latest_get",
    method: "GET",
    path: "/api/v4/projects/{id}/pipelines/latest",
    access: "read",
    idempotent: true,
    scopes: ["read_api"],
    grantedScopes: ["api"],
    finders: {},
    secrets: [],
    baseUrl: "https://gitlab.example",
    instance: "self-managed",
    status: 403,
    headers: new Headers(),
    body: '{"message":"403 Forbidden"}',
  });
  expect(error).toMatchObject({ code: "not_found", status: 403 });
});
