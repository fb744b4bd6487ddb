import { getEventListeners } from "node:events";
import { issuesList, issueUpdate } from "gitlab-agent-tools/tools";
import { createToolbox } from "gitlab-agent-tools/toolbox";
import { beforeEach, expect, onTestFinished, test } from "vitest";
import { connect, json, serve } from "../support/server.js";

// Agent frameworks hand one signal to all tool calls of a step.

const many = Array.from({ length: 12 }, (_, index) => index + 1);
let warnings: Error[];

beforeEach(() => {
  warnings = [];
  const warn = (warning: Error): void => void warnings.push(warning);
  process.on("warning", warn);
  onTestFinished(() => void process.off("warning", warn));
});

/** Node gives warnings after the code that ran into them. */
async function leaks(): Promise<Error[]> {
  await new Promise((resolve) => setImmediate(resolve));
  return warnings.filter(({ name }) => name === "MaxListenersExceededWarning");
}

test("twelve calls, approvals too, share a signal without a warning, and leave no listener behind", async () => {
  const server = await serve((_, response) => json(response, []));
  const { account, gitlab } = await connect(server, {
    onBeforeWrite: async () => void (await new Promise((resolve) => setImmediate(resolve))),
  });
  const { signal } = new AbortController();
  const toolbox = createToolbox({ gitlab, identifier: "user_1" });
  await Promise.all(
    many.flatMap((issue_iid) => [
      issuesList(account, { project_id: 1 }, { signal }),
      issueUpdate(account, { project_id: 1, issue_iid, title: "x" }, { signal }),
      toolbox.run("gitlab_issues_list", { project_id: 1 }, { signal }),
    ]),
  );
  expect(server.arrived).toHaveLength(3 * many.length);
  expect(await leaks()).toEqual([]);
  expect(getEventListeners(signal, "abort")).toEqual([]);
});

test("its end ends every one of them, and those that come later at once", async () => {
  const controller = new AbortController();
  const { signal } = controller;
  const server = await serve((_request, _response, number) => {
    if (number === 1) controller.abort(new Error("No longer wanted"));
  });
  const { account } = await connect(server);
  const results = await Promise.allSettled(many.map(() => issuesList(account, { project_id: 1 }, { signal })));
  for (const result of results) expect(result).toMatchObject({ status: "rejected", reason: { code: "aborted" } });
  await expect(issuesList(account, { project_id: 1 }, { signal })).rejects.toMatchObject({ code: "aborted" });
  expect(await leaks()).toEqual([]);
});
