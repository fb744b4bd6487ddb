import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import type { Browser, BrowserContextOptions } from "playwright-core";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { toolSearch } from "../../src/definitions.js";
import { allDefinitions } from "../../src/tools/all-definitions.js";
import { accessibilityFaults, hasChromium, inChromium, launchChromium } from "../support/chromium.js";

const file = "docs/tools.html";
const definitions = allDefinitions();

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
