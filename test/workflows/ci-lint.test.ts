import { ciLint, commitCreate } from "gitlab-agent-tools/tools";
import { expect, test } from "vitest";
import { refusal, stage } from "../support/people.js";

const project_id = "acme/app";

test("checks the project's own file, on the default branch or another ref", async () => {
  const { as, requests } = await stage();
  const ada = await as("ada");
  requests();
  const { data } = await ciLint(ada, { project_id });
  expect(data).toMatchObject({ valid: true, checked: "the project's file on the default branch", errors: [] });
  expect(data.stages.join("\n")).toMatch(/test: .*unit tests/);
  expect(requests()).toEqual(["GET /projects/acme%2Fapp/ci/lint"]);
  await commitCreate(ada, {
    ...{ project_id, branch: "typo", start_branch: "main", commit_message: "Typo" },
    actions: [{ action: "update", file_path: ".gitlab-ci.yml", content: "unit: { scirpt: [x], script: [y] }\n" }],
  });
  expect((await ciLint(ada, { project_id, ref: "typo" })).data).toMatchObject({
    ...{ valid: false, checked: "the project's file on typo" },
    errors: [expect.stringContaining("unknown keys: scirpt") as string],
    stages: [],
  });
});

test("checks a text before it is committed", async () => {
  const { as, requests } = await stage();
  const ada = await as("ada");
  requests();
  const content =
    "stages: [build, ship]\ncompile: { stage: build, script: [make] }\nship: { stage: ship, script: [x], when: manual }\n";
  expect((await ciLint(ada, { project_id, content })).data).toEqual({
    ...{ valid: true, checked: "content", errors: [], warnings: [], includes: [] },
    stages: ["build: compile", "ship: ship (manual)"],
  });
  expect(requests()).toEqual(["POST /projects/acme%2Fapp/ci/lint"]);
  expect((await ciLint(ada, { project_id, content: "a: [" })).data).toMatchObject({ valid: false });
});

test("is a read, which a policy of reads allows, and needs the rights that GitLab wants", async () => {
  const { as } = await stage();
  const content = "unit: { script: [x] }\n";
  const ada = await as("ada");
  expect((await ciLint(ada, { project_id, content }, { policy: { access: "read" } })).data.valid).toBe(true);
  const guest = await as("guest");
  expect((await refusal(ciLint(guest, { project_id, content }))).code).toBe("forbidden");
});
