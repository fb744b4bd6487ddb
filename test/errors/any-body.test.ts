import { inspect } from "node:util";
import type { ServerResponse } from "node:http";
import fc from "fast-check";
import { createGitLab, errorCodes, GitLabToolError, type GitLab } from "gitlab-agent-tools";
import { afterAll, beforeAll, expect, test } from "vitest";
import { parseErrorBody } from "../../src/errors/body.js";
import { runs } from "../support/runs.js";
import { listen, token, type TestServer } from "../support/server.js";
import { inputs } from "./wire-answer.js";

interface Answer {
  readonly status: number;
  readonly body: string;
  readonly headers: Readonly<Record<string, string>>;
}

let server: TestServer;
let gitlab: GitLab;
let answer: Answer;

beforeAll(async () => {
  server = await listen((_, response: ServerResponse) => {
    response.writeHead(answer.status, { "x-request-id": "req-77", ...answer.headers }).end(answer.body);
  });
  gitlab = createGitLab({
    store: "memory:",
    connections: { gitlab: { baseUrl: server.baseUrl, instance: "gitlab.com" } },
    limits: { attempts: 1 },
  });
  await gitlab.connectWithToken({ identifier: "ada", token });
});

afterAll(async () => {
  await gitlab.close();
  await server.stop();
});

const text = fc.oneof(
  fc.string({ unit: "binary", maxLength: 200 }),
  fc.string({ maxLength: 3000 }),
  fc.constant(token),
  fc.string({ maxLength: 20 }).map((around) => `${around}${token}${around}`),
  fc.constantFrom("404 Project Not Found", "403 Forbidden", "title is missing", "Token was revoked", "429"),
);
const key = fc.oneof(
  fc.constantFrom("message", "error", "error_description", "errors", "base", "scope", "needs_captcha_response"),
  fc.constantFrom("__proto__", "constructor", "toString", "length"),
  text,
);
const { json } = fc.letrec<{ json: unknown; object: unknown }>((tie) => ({
  json: fc.oneof(
    { maxDepth: 5 },
    text,
    fc.integer(),
    fc.boolean(),
    fc.constant(null),
    fc.double(),
    fc.array(tie("json"), { maxLength: 5 }),
    tie("object"),
  ),
  object: fc.dictionary(key, tie("json"), { maxKeys: 6 }),
}));
const body = fc.oneof(
  { weight: 4, arbitrary: json.map((value) => JSON.stringify(value) ?? "") },
  { weight: 2, arbitrary: text },
  { weight: 1, arbitrary: text.map((inner) => `<!DOCTYPE html><title>${inner}</title>`) },
  { weight: 1, arbitrary: json.map((value) => (JSON.stringify(value) ?? "").slice(0, -1)) },
  { weight: 1, arbitrary: fc.constant("[".repeat(20_000)) },
  { weight: 1, arbitrary: fc.constant(`${'{"message":'.repeat(500)}1${"}".repeat(500)}`) },
);
const plain = fc.stringMatching(/^[\x20-\x7e]{0,40}$/);
const headers = fc.record(
  {
    "content-type": fc.constantFrom("application/json", "text/html", "text/plain", ""),
    "retry-after": plain,
    "ratelimit-reset": plain,
    "x-gitlab-meta": plain,
    // No other origin: what answers there is not this test.
    location: fc.constantFrom("", "/api/v4/projects/7", "%%%", "/users/sign_in", "mailto:ada@example.com"),
    date: plain,
  },
  { requiredKeys: [] },
);
const status = fc.oneof(
  fc.constantFrom(200, 201, 301, 302, 400, 401, 403, 404, 405, 409, 412, 422, 429, 500, 502, 503, 504),
  fc.integer({ min: 300, max: 599 }).filter((one) => one !== 304),
);
const toolName = fc.constantFrom(
  "gitlab_issue_get",
  "gitlab_merge_request_merge",
  "gitlab_file_update",
  "gitlab_pipeline_create",
  "gitlab_merge_request_approvals_get",
  "gitlab_projects_list",
);

test("whatever comes back is a result or our own error, with the request id and without the token", async () => {
  await fc.assert(
    fc.asyncProperty(status, body, headers, toolName, async (code, sent, more, name) => {
      answer = { status: code, body: sent, headers: more };
      const error: unknown = await gitlab
        .executeTool({ identifier: "ada", toolName: name, toolInput: inputs[name] })
        .then(
          () => undefined,
          (thrown: unknown) => thrown,
        );
      if (error === undefined) {
        expect(code).toBeLessThan(300);
        return;
      }
      if (!(error instanceof GitLabToolError)) throw new Error(`not ours: ${inspect(error)}`);
      expect(errorCodes).toContain(error.code);
      expect(error.toolName).toBe(name);
      expect(error.requestId).toBe("req-77");
      expect(error.message.length).toBeLessThan(1200);
      const shown = [error.message, error.stack, JSON.stringify(error), inspect(error, { depth: 10 })].join("\n");
      expect(shown).not.toContain(token);
    }),
    { numRuns: runs(600), seed: 20_261_123 },
  );
});

test("the body parser takes anything and shows no secret, not even GitLab's other tokens", () => {
  fc.assert(
    fc.property(body, (sent) => {
      const shown = JSON.stringify(parseErrorBody(sent, [token]));
      expect(shown).not.toContain(token);
      expect(shown.length).toBeLessThan(400_000);
    }),
    { numRuns: runs(2000), seed: 7 },
  );
  expect(parseErrorBody('{"message":"bad glpat-abcdefgh12345678 here"}').text).toBe("bad [hidden] here");
});
