import {
  GitLabToolError,
  type ErrorEvent,
  type RequestEvent,
  type ResponseEvent,
  type RetryEvent,
} from "gitlab-agent-tools";
import {
  issueGet,
  issuesList,
  pipelineCreate,
  projectUpdate,
  projectVariableCreate,
  projectWebhookCreate,
} from "gitlab-agent-tools/tools";
import { expect, onTestFinished, test } from "vitest";
import { redactUrl } from "../../src/http/redact.js";
import { connect, json, serve, token, type Respond } from "../support/server.js";

async function watched(respond: Respond) {
  const requests: RequestEvent[] = [];
  const responses: ResponseEvent[] = [];
  const retries: RetryEvent[] = [];
  const errors: ErrorEvent[] = [];
  const server = await serve(respond);
  const { account } = await connect(server, {
    sleep: () => Promise.resolve(),
    onRequest: (event) => requests.push(event),
    onResponse: (event) => responses.push(event),
    onRetry: (event) => retries.push(event),
    onError: (event) => errors.push(event),
  });
  return { account, baseUrl: server.baseUrl, requests, responses, retries, errors };
}

test("each attempt, each answer, each retry, and the error in the end", async () => {
  const { account, baseUrl, requests, responses, retries, errors } = await watched((_, response, number) => {
    if (number === 1) response.destroy();
    else response.writeHead(503, { "x-request-id": `req-${number}`, "ratelimit-remaining": "9" }).end();
  });
  const thrown: unknown = await issuesList(account, { project_id: "g/p", state: "opened" }).catch(
    (error: unknown) => error,
  );
  const call = { toolName: "gitlab_issues_list", connectionName: "gitlab", identifier: "user_1", purpose: "call" };
  const request = {
    ...call,
    method: "GET",
    url: `${baseUrl}/api/v4/projects/g%2Fp/issues?state=opened`,
    route: "/api/v4/projects/{id}/issues",
  };
  expect(requests).toMatchObject([1, 2, 3].map((attempt) => ({ ...request, attempt })));
  expect(new Set(requests.map(({ callId }) => callId)).size).toBe(1);
  expect(responses).toMatchObject([
    { attempt: 2, status: 503, requestId: "req-2", rateLimitRemaining: 9 },
    { attempt: 3, status: 503, requestId: "req-3" },
  ]);
  expect(retries).toMatchObject([
    { attempt: 1, reason: expect.stringMatching(/^(ECONNRESET|UND_ERR_SOCKET)$/) as string },
    { attempt: 2, reason: 503 },
  ]);
  expect(errors).toMatchObject([{ ...call, error: { code: "gitlab_unavailable", requestId: "req-3" } }]);
  expect(errors[0]?.error).toBe(thrown);
});

test("an input that does not fit is an error without any request", async () => {
  const { account, requests, errors } = await watched(() => undefined);
  // @ts-expect-error project_id is missing
  await issuesList(account, {}).catch(() => undefined);
  expect(requests).toEqual([]);
  expect(errors).toMatchObject([{ error: { code: "invalid_input" } }]);
});

test("lookups are marked as such", async () => {
  const { account, requests } = await watched((_, response) => json(response, { message: "404 Not found" }, 404));
  await issueGet(account, { project_id: "g/p", issue_iid: 5 }).catch(() => undefined);
  expect(requests.map(({ purpose, route }) => [purpose, route])).toEqual([
    ["call", "/api/v4/projects/{id}/issues/{issue_iid}"],
    ["lookup", "/api/graphql"],
  ]);
});

test("neither the token nor secrets in bodies and queries reach a hook", async () => {
  const { account, requests, responses, errors } = await watched((request, response) =>
    json(response, { message: `no ${request.headers.authorization}` }, 400),
  );
  const refused = [
    () => projectVariableCreate(account, { project_id: 1, key: "DEPLOY", value: "s3cret-1" }),
    () => pipelineCreate(account, { project_id: 1, ref: "main", variables: [{ key: "A", value: "s3cret-2" }] }),
    () => projectWebhookCreate(account, { project_id: 1, url: "https://u:s3cret-3@x.example/h", token: "s3cret-4" }),
    () => projectUpdate(account, { project_id: 1, import_url: "https://user:s3cret-5@git.example/r.git" }),
  ];
  for (const call of refused) expect(await call().catch((error: unknown) => error)).toBeInstanceOf(GitLabToolError);
  const shown = JSON.stringify([requests, responses, errors]);
  expect(shown).not.toContain("s3cret");
  expect(shown).not.toContain(token);
  expect(requests[0]?.body).toEqual({ key: "DEPLOY", value: "[hidden]" });
  expect(requests[1]?.body).toEqual({ ref: "main", variables: [{ key: "A", value: "[hidden]" }] });
  expect(requests[2]?.body).toEqual({ url: "https://hidden@x.example/h", token: "[hidden]" });
  expect(redactUrl("https://x.example/a?private_token=s3cret&page_token=abc&search=b&variables[value]=s3cret")).toBe(
    "https://x.example/a?private_token=%5Bhidden%5D&page_token=abc&search=b&variables%5Bvalue%5D=%5Bhidden%5D",
  );
});

test("a hook that fails disturbs nobody", async () => {
  const warnings: string[] = [];
  const note = (warning: Error): void => void warnings.push(warning.message);
  process.on("warning", note);
  onTestFinished(() => void process.off("warning", note));
  const server = await serve((_, response) => json(response, []));
  const { account } = await connect(server, {
    onRequest: () => {
      throw new Error("first");
    },
    onResponse: () => Promise.reject(new Error("second")),
  });
  expect((await issuesList(account, { project_id: 1 })).data).toEqual([]);
  await new Promise((resolve) => setImmediate(resolve));
  expect(warnings).toEqual(expect.arrayContaining(["onRequest failed: first", "onResponse failed: second"]));
});
