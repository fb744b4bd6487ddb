import { createGitLab, defineTool, type GitLab, type OwnToolName } from "gitlab-agent-tools";
import { expect, test } from "vitest";
import * as z from "zod";

const gadgetsList = defineTool({
  name: "typed_gadgets_list",
  description: "Lists gadgets.",
  method: "GET",
  path: "/api/v4/gadgets",
  input: z.object({ colour: z.enum(["red", "blue"]) }),
});

declare module "gitlab-agent-tools" {
  interface OwnTools {
    typed_gadgets_list: typeof gadgetsList;
  }
}

const identifier = "ada";
const toolInput = { project_id: 1, issue_iid: 1 };

/** Never run: what the compiler says of it is the test. */
async function typed({ executeTool }: GitLab, perhaps: boolean): Promise<void> {
  const issue = await executeTool({ identifier, toolName: "gitlab_issue_get", toolInput });
  issue.data.web_url satisfies string | null | undefined;
  const compact = await executeTool({ identifier, toolName: "gitlab_issue_get", toolInput, view: "compact" });
  compact.data satisfies Record<string, unknown>;
  const dry = await executeTool({ identifier, toolName: "gitlab_issue_get", toolInput, dryRun: true });
  dry.data.url satisfies string;
  const either = await executeTool({ identifier, toolName: "gitlab_issue_get", toolInput, dryRun: perhaps });
  // @ts-expect-error it may be the issue
  either.data.url satisfies string;
  await executeTool({ identifier, toolName: "gitlab_current_user_get" });
  const own = await executeTool({ identifier, toolName: "acme_widgets_list", toolInput: { anything: 1 } });
  own.data satisfies unknown;
  // @ts-expect-error the input is missing
  await executeTool({ identifier, toolName: "gitlab_issue_get" });
  // @ts-expect-error no such parameter
  await executeTool({ identifier, toolName: "gitlab_issue_get", toolInput: { ...toolInput, wrong: 1 } });
  // @ts-expect-error no such state
  await executeTool({ identifier, toolName: "gitlab_issues_list", toolInput: { project_id: 1, state: "open" } });
}

/** Never run, either. */
export async function raw(gitlab: GitLab, perhaps: boolean): Promise<void> {
  const account = gitlab.as(identifier);
  const path = { method: "GET", path: "/version" } as const;
  (await account.request<{ version: string }>(path)).data.version satisfies string;
  (await account.request(path)).data satisfies unknown;
  (await account.request(path, { dryRun: true })).data.url satisfies string;
  const either = await account.request<{ version: string }>(path, { dryRun: perhaps });
  // @ts-expect-error it may be the request
  either.data.version satisfies string;
}

/** Never run, either. */
async function own({ executeTool, actions }: GitLab): Promise<void> {
  const toolName = "typed_gadgets_list";
  await executeTool({ identifier, toolName, toolInput: { colour: "red" } });
  await actions.executeTool({ identifier, toolName, toolInput: { colour: "blue" } });
  // @ts-expect-error no such colour
  await executeTool({ identifier, toolName, toolInput: { colour: "green" } });
  // @ts-expect-error the input is missing
  await executeTool({ identifier, toolName });
  toolName satisfies OwnToolName;
}

test("a call by the name of one's own tool, once declared, is typed by it", () => {
  expect(own).toBeTypeOf("function");
  expect(gadgetsList.definition.name).toBe("typed_gadgets_list" satisfies OwnToolName);
});

test("a call by name is typed by its tool, its view and dry run", () => {
  expect(typed).toBeTypeOf("function");
  expect(createGitLab({ store: "memory:" }).tools).toEqual([]);
});
