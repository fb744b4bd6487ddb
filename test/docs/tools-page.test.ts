import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import type { Browser, BrowserContextOptions } from "playwright-core";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { callsOf } from "../../scripts/tools-page/browser/examples.js";
import { toolsPage } from "../../scripts/tools-page/page.js";
import { exampleInstance, pageRow } from "../../scripts/tools-page/rows.js";
import { createGitLab } from "../../src/index.js";
import { toolSearch } from "../../src/definitions.js";
import { createGitLabEmulator } from "../../src/testing/index.js";
import { allDefinitions } from "../../src/tools/all-definitions.js";
import * as functions from "../../src/tools.js";
import { accessibilityFaults, hasChromium, inChromium, launchChromium } from "../support/chromium.js";

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

describe.skipIf(!hasChromium)(inChromium, () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await launchChromium();
  });
  afterAll(() => browser.close());

  /** The page as a file, what it asked for and what the browser complained about. */
  async function open(hash = "", options: BrowserContextOptions = {}) {
    const context = await browser.newContext(options);
    onTestFinished(() => context.close());
    const page = await context.newPage();
    const asked: string[] = [];
    const complaints: string[] = [];
    page.on("request", (request) => void asked.push(request.url()));
    page.on("console", (message) => void (message.type() === "error" && complaints.push(message.text())));
    page.on("pageerror", (error) => void complaints.push(error.message));
    const url = `${pathToFileURL(resolve(file)).href}${hash}`;
    await page.goto(url);
    const names = () => page.locator("summary code").allTextContents();
    return { page, names, asked, complaints, url };
  }

  test("all tools are there; the search finds what discovery finds, and filters leave what they say", async () => {
    const { page, names, asked, complaints, url } = await open();
    expect((await names()).sort()).toEqual(definitions.map(({ name }) => name).sort());
    const request = "who broke the build";
    await page.getByLabel("What is to be done?").fill(request);
    const found = toolSearch(definitions)(request, definitions.length).map(({ name }) => name);
    expect(await names()).toEqual(found);
    await page.getByRole("combobox", { name: "Access", exact: true }).selectOption("read");
    await page.getByRole("combobox", { name: "Level", exact: true }).selectOption("core");
    const reads = definitions.filter(({ access, level = "core" }) => access === "read" && level === "core");
    expect(await names()).toEqual(found.filter((name) => reads.some((tool) => tool.name === name)));
    await page.getByLabel("What is to be done?").fill("");
    await page.getByRole("combobox", { name: "Area", exact: true }).selectOption("issues");
    const issues = reads.filter(({ area }) => area === "issues");
    expect((await names()).sort()).toEqual(issues.map(({ name }) => name).sort());
    expect(await page.getByRole("status").textContent()).toBe(`${issues.length} tools`);
    await page.getByRole("combobox", { name: "Access", exact: true }).selectOption("");
    await page.getByRole("combobox", { name: "Level", exact: true }).selectOption("");
    await page.getByRole("combobox", { name: "Area", exact: true }).selectOption("");
    await page.getByRole("combobox", { name: "Token's scope", exact: true }).selectOption("read_api");
    await page.getByRole("combobox", { name: "Your plan", exact: true }).selectOption("free");
    const readable = definitions.filter(({ scopes, tier }) => scopes.includes("read_api") && tier === undefined);
    expect((await names()).sort()).toEqual(readable.map(({ name }) => name).sort());
    expect(asked).toEqual([url]);
    expect(complaints).toEqual([]);
  });

  test("a tool is reached by keyboard and by its address, with parameters, four calls to copy and the answer", async () => {
    const { page, complaints } = await open();
    await page.keyboard.press("/");
    await page.keyboard.type("close an issue");
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("Enter");
    const best = page.locator("details").first();
    await best.getByRole("button", { name: "Copy TypeScript" }).waitFor();
    expect(await best.getByRole("button").count()).toBe(4);
    await page.keyboard.press("ArrowUp");
    expect(await page.evaluate("document.activeElement.id")).toBe("query");

    const linked = await open("#gitlab_issue_create");
    const tool = linked.page.locator("#gitlab_issue_create");
    expect(await tool.getByRole("row", { name: /^title text required/ }).count()).toBe(1);
    expect(await tool.getByLabel("Compact answer").textContent()).toContain("iid: integer");
    await tool.getByRole("button", { name: "Copy MCP" }).click();
    await tool.getByText(/^(?:Copied|Selected)$/).waitFor();
    expect([...complaints, ...linked.complaints]).toEqual([]);
  });

  test("axe-core knows no fault in it, light or dark, and a small screen scrolls one way", async () => {
    const { page } = await open("", { viewport: { width: 320, height: 640 } });
    await page.getByRole("combobox", { name: "Area", exact: true }).selectOption("todos");
    await page.locator("summary").first().click();
    for (const colorScheme of ["light", "dark"] as const) {
      await page.emulateMedia({ colorScheme });
      expect(await accessibilityFaults(page)).toEqual([]);
    }
    expect(await page.evaluate("document.documentElement.scrollWidth <= innerWidth")).toBe(true);
  });
});
