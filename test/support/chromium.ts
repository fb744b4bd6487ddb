import { existsSync } from "node:fs";
import axe, { type AxeResults } from "axe-core";
import { chromium, type Browser, type Page } from "playwright-core";

/** Debian's: `apt-get install chromium`. */
const executablePath = "/usr/bin/chromium";

/** Whether there is a browser to test with; where there is none, the title of the skipped tests says so. */
export const hasChromium = existsSync(executablePath);
export const inChromium = hasChromium ? "in a real browser" : `skipped: no browser at ${executablePath}`;

/** No sandbox: tests may run as root, where Chromium's does not work, and open nothing but pages of their own. */
export const launchChromium = (): Promise<Browser> =>
  chromium.launch({ executablePath, args: ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"] });

/** Faults of accessibility that axe-core finds on the page, in a line each; rules of best practice included. */
export async function accessibilityFaults(page: Page): Promise<string[]> {
  // The page's own policy forbids scripts, and shall: axe runs in an isolated world beside it.
  const session = await page.context().newCDPSession(page);
  const { frameTree } = await session.send("Page.getFrameTree");
  const { executionContextId } = await session.send("Page.createIsolatedWorld", { frameId: frameTree.frame.id });
  const expression = `${axe.source}; axe.run(document, { resultTypes: ["violations"] })`;
  const options = { contextId: executionContextId, awaitPromise: true, returnByValue: true };
  const { result, exceptionDetails } = await session.send("Runtime.evaluate", { expression, ...options });
  await session.detach();
  if (exceptionDetails) throw new Error(exceptionDetails.exception?.description ?? exceptionDetails.text);
  const { violations } = result.value as AxeResults;
  return violations.map(({ id, help, nodes }) => `${id}: ${help}: ${nodes.map(({ html }) => html).join(" ")}`);
}
