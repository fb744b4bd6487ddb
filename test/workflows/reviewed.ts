import type { GitLabAccount } from "gitlab-agent-tools";
import { branchCreate, commitCreate, mergeRequestCreate } from "gitlab-agent-tools/tools";
import type { Plan } from "gitlab-agent-tools/testing";
import { stage } from "../support/people.js";

export const project_id = "acme/app";

/** A merge request that edits, renames, adds and deletes a file. */
export async function reviewed(options: Parameters<typeof stage>[1] = {}, plan?: Plan) {
  const { as, gitlab, requests, emulator } = await stage({ ...(plan && { plan }) }, options);
  const ada = await as("ada");
  const plain: GitLabAccount = gitlab.as(ada.identifier);
  const lines = Array.from({ length: 30 }, (_, index) => `const value${index + 1} = ${index + 1};`);
  const text = `${lines.join("\n")}\n`;
  await branchCreate(plain, { project_id, branch: "before", ref: "main" });
  const commit = { project_id, commit_message: "x" };
  await commitCreate(plain, {
    ...{ ...commit, branch: "before" },
    actions: [
      { action: "create", file_path: "src/values.ts", content: text },
      { action: "create", file_path: "src/old-name.ts", content: text },
      { action: "create", file_path: "src/gone.ts", content: "a\nb\n" },
      { action: "create", file_path: "logo.png", content: "AAEC", encoding: "base64" },
    ],
  });
  await branchCreate(plain, { project_id, branch: "after", ref: "before" });
  const edited = [...lines.slice(0, 9), "const value10 = risky();", "const twice = 2;", ...lines.slice(10)];
  await commitCreate(plain, {
    ...{ ...commit, branch: "after" },
    actions: [
      { action: "update", file_path: "src/values.ts", content: `${edited.join("\n")}\n` },
      { action: "move", previous_path: "src/old-name.ts", file_path: "src/new-name.ts", content: `first\n${text}` },
      { action: "delete", file_path: "src/gone.ts" },
      { action: "create", file_path: "src/added.ts", content: "one\ntwo\nthree\n" },
      { action: "update", file_path: "logo.png", content: "AAkJ", encoding: "base64" },
    ],
  });
  const { data } = await mergeRequestCreate(plain, {
    ...{ project_id, source_branch: "after", target_branch: "before", title: "Values" },
  });
  requests();
  return { ada, as, plain, gitlab, emulator, requests, at: { project_id, merge_request_iid: data.iid } };
}
