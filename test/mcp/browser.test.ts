import { describe, expect, onTestFinished, test } from "vitest";
import { accessibilityFaults, hasChromium, inChromium, launchChromium } from "../support/chromium.js";
import { asked, clientRedirect, signInPlace } from "../support/sign-in.js";

describe.skipIf(!hasChromium)(inChromium, () => {
  test("a person agrees to a client with nothing but clicks, on a page without faults of accessibility", async () => {
    const place = await signInPlace();
    const browser = await launchChromium();
    onTestFinished(() => browser.close());
    const page = await browser.newPage();
    await page.goto(asked(place).url.toString());
    expect(await accessibilityFaults(page)).toEqual([]);
    // The style is under the page's own policy.
    expect(await page.evaluate("getComputedStyle(document.body).maxWidth")).toBe("512px");
    await page.getByRole("button", { name: "Allow" }).first().click();
    const back = page.waitForRequest((request) => request.url().startsWith(clientRedirect));
    await page.getByRole("link", { name: "(ben)" }).click();
    expect(new URL((await back).url()).searchParams.get("code")).toMatch(/^[\w-]{43}$/);
  });
});
