import { GitLabToolError } from "gitlab-agent-tools";
import { expect, test } from "vitest";
import { personalTools } from "../../src/mcp/personal.js";
import { emulated } from "../support/emulated.js";

test.each([
  [new Error("cannot open /home/ada/secret.db"), { code: "internal" }],
  [
    new GitLabToolError({ code: "connection_not_found", message: "GITLAB_URL is no URL." }),
    { code: "connection_not_found", message: "GITLAB_URL is no URL." },
  ],
])("an account that cannot be opened is an answer, and the next call tries again: %s", async (failure, told) => {
  const { gitlab } = await emulated();
  const account = { connectionName: "gitlab", identifier: "user_ada" };
  let tries = 0;
  const open = (): Promise<{ gitlab: typeof gitlab; account: typeof account }> => {
    tries += 1;
    return tries === 1 ? Promise.reject(failure) : Promise.resolve({ gitlab, account });
  };
  const { run } = personalTools({ open, writeLine: () => undefined, signal: new AbortController().signal });
  const refused = await run("gitlab_current_user_get", {});
  expect(refused).toMatchObject({ isError: true, structured: told });
  expect(refused.text).not.toContain("secret");
  expect(await run("gitlab_current_user_get", {})).toMatchObject({ isError: false, structured: { username: "ada" } });
  expect(tries).toBe(2);
});
