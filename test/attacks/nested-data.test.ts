import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { createGitLab, GitLabToolError, type GitLab } from "gitlab-agent-tools";
import { serveMcp } from "gitlab-agent-tools/mcp";
import { createToolbox } from "gitlab-agent-tools/toolbox";
import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import { token } from "../support/server.js";

let gitlab: GitLab;
let requests = 0;
/** What the server answers with. */
let body = "{}";

beforeAll(async () => {
  const server = createServer((request, response) => {
    requests += 1;
    const isAboutToken = /\/(?:user|self|info)$/.test(request.url ?? "");
    response.writeHead(isAboutToken ? 404 : 200, { "Content-Type": "application/json" }).end(isAboutToken ? "" : body);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  gitlab = createGitLab({ store: "memory:", connections: { gitlab: { baseUrl } } });
  await gitlab.connectWithToken({ identifier: "ada", token });
  return async () => {
    await gitlab.close();
    server.closeAllConnections();
    server.close();
  };
});

beforeEach(() => {
  requests = 0;
  body = "{}";
});

const caught = (error: unknown): GitLabToolError => {
  if (error instanceof GitLabToolError) return error;
  throw error;
};

const lists = (depth: number): string => "[".repeat(depth) + "]".repeat(depth);
const fields = (depth: number): string => `${'{"a":'.repeat(depth)}1${"}".repeat(depth)}`;

/** What a stack holds, and what none does. */
const depths = [1000, 100_000];

describe("input that is nested without end is refused before any request", () => {
  const ada = { identifier: "ada" };
  const name = "gitlab_issue_create";
  const inputs = depths.flatMap((depth) =>
    [lists(depth), fields(depth)].map((deep) => ({
      text: `{"project_id":1,"title":"a","description":${deep}}`,
      label: `${deep.startsWith("[") ? "lists" : "fields"}, ${depth} deep`,
    })),
  );
  const refused = { code: "invalid_input", details: { fields: [{ field: "description" }] } };

  for (const { text, label } of inputs) {
    test(`${label}: by the client`, async () => {
      const toolInput = { project_id: 1, title: "a", ...(JSON.parse(text) as object) };
      for (const dryRun of [false, true]) {
        const call = gitlab.executeTool({ ...ada, toolName: name, toolInput, dryRun });
        expect(await call.then(() => undefined, caught)).toMatchObject(refused);
      }
      expect(requests).toBe(0);
    });

    test(`${label}: of a request to any path`, async () => {
      const request = { method: "POST", path: "/projects/1/issues", body: JSON.parse(text) as object } as const;
      const error = await gitlab
        .as("ada")
        .request({ ...request, body: { ...request.body } })
        .then(() => undefined, caught);
      expect(error).toMatchObject({ code: "invalid_input" });
      expect(requests).toBe(0);
    });

    test(`${label}: by a toolbox, before whoever approves calls sees it`, async () => {
      let asked = 0;
      const before = (): undefined => void (asked += 1);
      const tools = createToolbox({ gitlab, ...ada, before });
      const discovery = createToolbox({ gitlab, ...ada, before, discovery: true });
      const answers = [
        await tools.run(name, text),
        await tools.run(name, JSON.parse(text)),
        await discovery.run("gitlab_tool_run", { name, input: JSON.parse(text) as unknown }),
      ];
      for (const answer of answers) {
        expect(answer.isError).toBe(true);
        expect(answer.structured).toMatchObject({ code: "invalid_input" });
      }
      expect([asked, requests]).toEqual([0, 0]);
    });

    test(`${label}: by an MCP server, before its person is asked`, async () => {
      const server = await serveMcp({ gitlab, confirm: "writes" });
      const version = "2026-07-28";
      const _meta = JSON.stringify({
        "io.modelcontextprotocol/protocolVersion": version,
        "io.modelcontextprotocol/clientInfo": { name: "raw", version: "1" },
        "io.modelcontextprotocol/clientCapabilities": { elicitation: { form: {} } },
      });
      const response = await fetch(server.url, {
        method: "POST",
        headers: {
          "Content-Type": "application/json",
          Accept: "application/json, text/event-stream",
          Authorization: `Bearer ${(await gitlab.createSession(ada)).token}`,
          "MCP-Protocol-Version": version,
          "Mcp-Method": "tools/call",
          "Mcp-Name": name,
        },
        body: `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"${name}","arguments":${text},"_meta":${_meta}}}`,
      });
      expect(await response.text()).toContain("invalid_input");
      await server.close({ graceMs: 0 });
      expect(requests).toBe(0);
    });
  }

  test("and what is as deep as GitLab's own data is sent", async () => {
    const request = { method: "POST", path: "/projects/1/issues", body: { data: JSON.parse(fields(150)) as unknown } };
    await gitlab.as("ada").request({ ...request, method: "POST" });
    expect(requests).toBe(1);
  });
});

describe("an answer that is nested without end", () => {
  const account = { identifier: "ada", toolName: "gitlab_issue_get", toolInput: { project_id: 1, issue_iid: 1 } };
  const tooDeep = { code: "gitlab_unavailable", status: 200 };

  for (const depth of depths) {
    const bodies = {
      "a field of the view": `{"iid":1,"labels":${fields(depth)}}`,
      "a list of the view": `{"iid":1,"labels":${lists(depth)}}`,
      "a person of the view": `{"iid":1,"author":{"username":${fields(depth)}}}`,
    };
    for (const [where, answer] of Object.entries(bodies)) {
      test(`in ${where}, ${depth} deep, is said to be in the compact view`, async () => {
        body = answer;
        for (const policy of [undefined, { secrets: "show" }, { untrusted: "wrap" }] as const) {
          const call = gitlab.executeTool({ ...account, view: "compact", ...(policy && { policy }) });
          expect(await call.then(() => undefined, caught)).toMatchObject(tooDeep);
        }
      });
    }

    test(`${depth} deep, does not end a toolbox's run in a RangeError, nor an openapi-fetch client's`, async () => {
      body = `{"iid":1,"labels":${fields(depth)}}`;
      for (const view of ["full", "compact"] as const) {
        const tools = createToolbox({ gitlab, identifier: "ada", view, policy: { secrets: "show" } });
        const answer = await tools.run(account.toolName, account.toolInput);
        expect(answer.structured).toMatchObject({ code: "gitlab_unavailable" });
      }
      const { api } = gitlab.as("ada");
      const path = { params: { path: { id: 1, issue_iid: 1 } } };
      const error = await api.GET("/api/v4/projects/{id}/issues/{issue_iid}", path).then(() => undefined, caught);
      expect(error).toMatchObject(tooDeep);
    });
  }
});
