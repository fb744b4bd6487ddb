import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { accessibilityFaults, hasChromium, inChromium, launchChromium } from "../support/chromium.js";
import { connectPlace, startInstances, type ConnectPlace, type Instances } from "../support/connect.js";

describe.skipIf(!hasChromium)(inChromium, () => {
  let instances: Instances;
  let browser: Browser;
  beforeAll(async () => {
    [instances, browser] = await Promise.all([startInstances(), launchChromium()]);
  });
  afterAll(async () => void (await Promise.all([instances.close(), browser.close()])));

  /** A person who is signed in to the product, and what the browser complains about. */
  async function person(place: ConnectPlace, session: string, options: Parameters<Browser["newContext"]>[0] = {}) {
    const context: BrowserContext = await browser.newContext(options);
    onTestFinished(() => context.close());
    await context.addCookies([{ name: "session", value: session, url: place.origin }]);
    const page = await context.newPage();
    const complaints: string[] = [];
    page.on("console", (message) => {
      // Browsers ask every site for its icon.
      const isIcon = message.location().url.endsWith("/favicon.ico");
      if (message.type() === "error" && !isIcon) complaints.push(message.text());
    });
    page.on("pageerror", (error) => void complaints.push(error.message));
    return { context, page, complaints };
  }

  const hostOf = ({ baseUrl }: { readonly baseUrl: string }): string => baseUrl.replace("http://", "");

  /** The emulator's page of consent: it asks who one is. */
  const agreeAs = async (page: Page, username: string): Promise<void> =>
    await page.getByRole("link", { name: `(${username})` }).click();

  test("two people connect two instances with nothing but clicks; no page has a fault that axe-core knows", async () => {
    const place = await connectPlace(instances);
    const ada = await person(place, "ada");
    const { page } = ada;
    await page.goto(`${place.page}?return_to=/connect`);
    expect(await page.title()).toBe("Connect GitLab");
    expect(await accessibilityFaults(page)).toEqual([]);
    await page.getByRole("button", { name: `Connect ${hostOf(instances.gitlab)}` }).click();
    await agreeAs(page, "ada");
    await page.waitForURL(place.page);
    await page.getByText("Connected as @ada.").waitFor();
    await page.getByRole("button", { name: `Connect ${hostOf(instances.acme)}` }).click();
    await agreeAs(page, "ben");
    await page.getByText("Connected as @ben.").waitFor();
    await page.goto(`${place.page}?connected=acme`);
    expect(await page.getByRole("status").textContent()).toContain("is connected.");
    expect(await accessibilityFaults(page)).toEqual([]);
    await page.getByRole("button", { name: `Disconnect ${hostOf(instances.acme)}` }).click();
    expect(await page.getByRole("status").textContent()).toContain("is disconnected.");

    const ben = await person(place, "ben", { colorScheme: "dark" });
    await ben.page.goto(place.page);
    expect(await ben.page.getByText("Not connected.").count()).toBe(2);
    expect(await accessibilityFaults(ben.page)).toEqual([]);
    expect([...ada.complaints, ...ben.complaints]).toEqual([]);
  });

  test("the style is applied under the pages' own policy, also one of the product's; scripts are not", async () => {
    const plain = await connectPlace(instances);
    const { page, complaints } = await person(plain, "ada", { viewport: { width: 320, height: 640 } });
    await page.goto(plain.page);
    const widthOf = () => page.evaluate("getComputedStyle(document.body).maxWidth");
    expect(await widthOf()).toBe("512px");
    // Nobody has to scroll sideways on a small screen.
    expect(await page.evaluate("document.documentElement.scrollWidth <= innerWidth")).toBe(true);
    expect(complaints).toEqual([]);

    const own = await connectPlace(instances, { handler: { style: "body { max-width: 300px }" } });
    const styled = await person(own, "ada");
    await styled.page.goto(own.page);
    expect(await styled.page.evaluate("getComputedStyle(document.body).maxWidth")).toBe("300px");
  });

  test("the pages work by keyboard alone", async () => {
    const place = await connectPlace(instances);
    const { page } = await person(place, "ada");
    await page.goto(place.page);
    await page.keyboard.press("Tab");
    expect(await page.evaluate("document.activeElement.textContent")).toContain("Connect ");
    await page.keyboard.press("Enter");
    await page.waitForURL(/oauth\/authorize/);
  });

  test("a refusal is read out, and leads back", async () => {
    const place = await connectPlace(instances);
    const { page } = await person(place, "ada");
    await page.goto(place.page);
    await page.getByRole("button", { name: `Connect ${hostOf(instances.gitlab)}` }).click();
    await page.goto(`${page.url()}&username=ada&deny=true`);
    expect(await page.getByRole("alert").textContent()).toContain("You did not allow it");
    expect(await accessibilityFaults(page)).toEqual([]);
    await page.getByRole("link", { name: "Start again" }).click();
    await page.waitForURL(place.page);
  });

  test("a page elsewhere can neither press the buttons nor frame them", async () => {
    const place = await connectPlace(instances);
    const { page, context } = await person(place, "ada");
    await page.goto(place.page);
    const csrf = (await page.locator('input[name="csrf"]').first().getAttribute("value")) ?? "";
    const evil = await context.newPage();
    await evil.route("http://evil.localhost/**", (route) =>
      route.fulfill({
        contentType: "text/html",
        body: `<form method="post" action="${place.page}"><input name="csrf" value="${csrf}"><input name="action" value="connect"><input name="connection" value="gitlab"><button>Win</button></form><iframe src="${place.page}"></iframe>`,
      }),
    );
    await evil.goto("http://evil.localhost/");
    const frame = evil.frames().find((one) => one !== evil.mainFrame());
    expect(await frame?.locator("button").count()).toBe(0);
    const [answer] = await Promise.all([
      evil.waitForResponse((response) => response.request().method() === "POST"),
      evil.getByRole("button", { name: "Win" }).click(),
    ]);
    // Without the product's cookies, which stay behind, nobody is signed in; with them, the origin is wrong.
    expect([401, 403]).toContain(answer.status());
  });
});
