/** An emulator with 2,000 issues in a process of its own: it says what it has cost, on request. */
import { createGitLabEmulator } from "../src/testing/index.js";
import { newIssue } from "../src/testing/issuables/issues.js";
import { contextFor } from "../src/testing/state/context-of.js";

const gitlab = await createGitLabEmulator();
const project = gitlab.state.projectByPath("acme/app");
const ada = gitlab.state.userByName("ada");
if (project === undefined || ada === undefined) throw new Error("The seed has changed");
const context = contextFor(gitlab.state, project, ada.id);
for (let count = gitlab.state.planning.issues.length; count < 2000; count += 1) {
  const issue = newIssue(context, ada.id, context.now);
  gitlab.state.planning.issues.push({ ...issue, title: `Issue ${String(count)}`, labels: ["bug"] });
}

process.on("message", (asked) => {
  // Collecting costs time: only where memory is what was asked for.
  if (asked === "memory") globalThis.gc?.();
  const { user, system } = process.cpuUsage();
  process.send?.({ cpuMs: (user + system) / 1000, heapMb: process.memoryUsage().heapUsed / 1_048_576 });
});
process.on("disconnect", () => {
  void gitlab.close();
});
process.send?.({
  baseUrl: gitlab.baseUrl,
  token: gitlab.tokens.create({ username: "ada", scopes: ["api"] }),
});
