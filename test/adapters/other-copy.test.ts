import { createToolbox } from "gitlab-agent-tools/toolbox";
import { expect, test } from "vitest";
import { emulated } from "../support/emulated.js";

test("an error of another copy of this package is told like our own", async () => {
  const { gitlab } = await emulated();
  const error = Object.assign(new Error("There is no issue 3."), { name: "GitLabToolError", code: "not_found" });
  const client = {
    ...gitlab,
    executeTool: () => Promise.reject(Object.assign(error, { retryable: false, hint: "Look." })),
  };
  const answer = await createToolbox({ gitlab: client, identifier: "user_ada" }).run("gitlab_current_user_get", {});
  expect(answer).toMatchObject({ isError: true, structured: { code: "not_found", hint: "Look." } });
});
