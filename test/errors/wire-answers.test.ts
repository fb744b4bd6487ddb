import type { ServerResponse } from "node:http";
import { createGitLab, errorCodes, GitLabToolError, type GitLab } from "gitlab-agent-tools";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { listen, token, type Arrived, type TestServer } from "../support/server.js";
import { accountRows } from "./rows-account.js";
import { conflictRows } from "./rows-conflict.js";
import { generalRows } from "./rows-general.js";
import { toldApartRows } from "./rows-told-apart.js";
import { missingRows } from "./rows-missing.js";
import { inputs, type Row, type WireAnswer } from "./wire-answer.js";

const groups: Readonly<Record<string, readonly Row[]>> = {
  "who asks": accountRows,
  "what is not there": missingRows,
  "what is in another state": conflictRows,
  "values, limits and trouble": generalRows,
  "states, roles, plans and versions": toldApartRows,
};
const all = Object.values(groups).flat();

let server: TestServer;
let row: Row;
let first: Arrived | undefined;
let lookups: string[] = [];
const clients = new Map<string, GitLab>();

/** The tool's own request first; every other one is a lookup. */
function respond(request: Arrived, response: ServerResponse): void {
  const isOwn = first === undefined || (first.method === request.method && first.url === request.url);
  first ??= request;
  const name = `${request.method} ${request.url.replace("/api/v4", "")}`;
  if (!isOwn) lookups.push(name);
  write(response, isOwn ? row.answer : (row.lookups?.[name] ?? { status: 404, body: { message: "404 Not Found" } }));
}

function write(response: ServerResponse, { status, body, headers }: WireAnswer): void {
  const text = typeof body === "string" ? body : body === undefined ? "" : JSON.stringify(body);
  const type = text.startsWith("<") ? "text/html" : typeof body === "string" ? "text/plain" : "application/json";
  response.writeHead(status, { "content-type": type, "x-request-id": "req-77", ...headers }).end(text);
}

beforeAll(async () => {
  server = await listen(respond);
  for (const instance of ["gitlab.com", "self-managed"] as const) {
    const client = createGitLab({
      store: "memory:",
      connections: { gitlab: { baseUrl: server.baseUrl, instance } },
      limits: { attempts: 1 },
    });
    await client.connectWithToken({ identifier: "ada", token });
    clients.set(instance, client);
  }
});

afterAll(async () => {
  for (const client of clients.values()) await client.close();
  await server.stop();
});

describe.each(Object.entries(groups))("%s", (_, rows) => {
  test.each(rows.map((one) => [one.name, one] as const))("%s", async (_name, one) => {
    row = one;
    first = undefined;
    lookups = [];
    const toolInput = row.input ?? inputs[row.tool];
    if (!toolInput) throw new Error(`no input for ${row.tool}`);
    const client = clients.get(row.instance ?? "self-managed");
    const error: unknown = await client?.executeTool({ identifier: "ada", toolName: row.tool, toolInput }).then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    if (!(error instanceof GitLabToolError)) throw new Error(`expected a refusal, got ${String(error)}`);
    expect(error).toMatchObject({
      code: row.code,
      retryable: row.retryable ?? false,
      status: row.answer.status,
      toolName: row.tool,
      requestId: "req-77",
    });
    expect(error.hint).toMatch(row.hint);
    if (row.message) expect(error.message).toMatch(row.message);
    if (row.details) expect(error.details).toMatchObject(row.details);
    expect(lookups).toHaveLength(row.asked ?? Object.keys(row.lookups ?? {}).length);
    expect(lookups).toEqual(expect.arrayContaining(Object.keys(row.lookups ?? {})));
    // Short enough for a terminal's line or two, and for a model's patience.
    expect(error.message.length).toBeLessThan(260);
    expect(error.message).toMatch(/^[A-Z0-9a-z].*\.$/s);
  });
});

test("without X-Request-Id, GitLab's correlation id is the request's", async () => {
  row = {
    name: "",
    tool: "gitlab_issues_list",
    answer: {
      status: 500,
      headers: { "x-request-id": "", "x-gitlab-meta": '{"correlation_id":"01ABC","version":"1"}' },
    },
    code: "gitlab_unavailable",
    hint: /./,
  };
  first = undefined;
  const call = clients.get("self-managed")?.executeTool({
    identifier: "ada",
    toolName: row.tool,
    toolInput: inputs[row.tool],
  });
  await expect(call).rejects.toMatchObject({ code: "gitlab_unavailable", requestId: "01ABC" });
});

test("the table is as long as it should be, and its names differ", () => {
  expect(all.length).toBeGreaterThanOrEqual(80);
  expect(new Set(all.map(({ name }) => name)).size).toBe(all.length);
  for (const { code } of all) expect(errorCodes).toContain(code);
});
