import { readFile } from "node:fs/promises";
import { expect, onTestFinished, test } from "vitest";
import { callsOf } from "../../scripts/tools-page/browser/examples.js";
import { toolsPage } from "../../scripts/tools-page/page.js";
import { exampleInstance, pageRow } from "../../scripts/tools-page/rows.js";
import { createGitLab } from "../../src/index.js";
import { createGitLabEmulator } from "../../src/testing/index.js";
import { allDefinitions } from "../../src/tools/all-definitions.js";
import * as functions from "../../src/tools.js";

const file = "docs/tools.html";
const definitions = allDefinitions();
const rows = definitions.map(pageRow);

test("the committed page is what the registry makes, one file below 600 kB that asks nothing of anybody", async () => {
  const committed = await readFile(file, "utf8");
  expect(committed === (await toolsPage()), "npm run generate brings it up to date").toBe(true);
  expect(Buffer.byteLength(committed)).toBeLessThan(600_000);
  expect(committed).not.toMatch(/<(?:link|img|iframe|script[^>]+src)\b|@import|url\(/);
  expect(committed).toContain("default-src 'none'");
});

test("every example names a function that there is, and sends what a dry run of the tool shows", async () => {
  const emulator = await createGitLabEmulator();
  const gitlab = createGitLab({ store: "memory:", connections: { gitlab: { baseUrl: emulator.baseUrl } } });
  onTestFinished(async () => {
    await gitlab.close();
    await emulator.close();
  });
  const token = emulator.tokens.create({ username: "ada", scopes: ["api"] });
  await gitlab.connectWithToken({ identifier: "ada", token });
  for (const { name, functionName, example, http, method, steps } of rows) {
    expect(functions, name).toHaveProperty(functionName);
    expect(http === undefined, name).toBe(steps !== undefined);
    if (!http || !("url" in http)) continue;
    const { data } = await gitlab.executeTool({
      ...{ identifier: "ada", toolName: name, toolInput: { ...example } },
      dryRun: true,
    });
    const url = http.url.replace(exampleInstance, emulator.baseUrl);
    expect(data, name).toEqual({ method, url, ...(http.body !== undefined && { body: http.body }) });
  }
});

test("examples are text to paste: a shell's words are quoted, GraphQL has its text, and several calls have no request", () => {
  const of = (name: string): ReturnType<typeof callsOf> => {
    const row = rows.find((one) => one.name === name);
    if (!row) throw new Error(name);
    return callsOf({ ...row, example: { ...row.example, title: "It's broken" } });
  };
  const issue = of("gitlab_issue_create");
  expect(issue["TypeScript"]).toContain('issueCreate(gitlab.as("user_ada"), { project_id: "group/project", title: ');
  expect(issue["Command line"]).toContain(`"title":"It'\\''s broken"}'`);
  expect(JSON.parse(issue["MCP"] ?? "")).toMatchObject({
    method: "tools/call",
    params: { name: "gitlab_issue_create", arguments: { title: "It's broken" } },
  });
  expect(issue["HTTP"]).toContain(`curl --request POST '${exampleInstance}/api/v4/projects/group%2Fproject/issues'`);
  expect(of("gitlab_work_item_get")["HTTP"]).toContain("query");
  expect(Object.keys(of("gitlab_file_edit"))).not.toContain("HTTP");
});
