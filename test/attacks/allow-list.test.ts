import type { GitLabAccount } from "gitlab-agent-tools";
import {
  ciLint,
  ciLintGet,
  fileCreate,
  groupGet,
  issueCreate,
  issueNoteCreate,
  issuesList,
  mergeRequestCreate,
  mergeRequestMerge,
  mergeRequestUpdate,
  milestonesList,
  projectCiLint,
  projectCreate,
  projectFork,
  projectUpdate,
  workItemNoteDelete,
  workItemNoteUpdate,
} from "gitlab-agent-tools/tools";
import { beforeEach, describe, expect, test } from "vitest";
import { refusal, stage, type Stage } from "../support/people.js";

/**
 * Promised: an agent that may use some projects reads and changes nothing anywhere else, whatever it sends, though its
 * user could. What is refused is refused before it is sent.
 */
const project_id = "acme/app";
const secret = "ada/notes";

let attack: Stage;
let held: GitLabAccount;

beforeEach(async () => {
  attack = await stage();
  const ada = await attack.as("ada");
  held = attack.gitlab.as(ada.identifier, { policy: { projects: [project_id], groups: ["acme"] } });
  attack.requests();
});

/** Nothing but questions which project a name stands for has reached GitLab. */
function nothingSent(): void {
  expect(attack.requests().filter((request) => !/^GET \/(?:projects|groups)\/[^/]+$/.test(request))).toEqual([]);
}

describe("a text that GitLab acts on", () => {
  test.each([
    ["a quick action", "/move ada/notes"],
    ["in other letters", "/mo\uFF56e ada/notes"],
    ["with a Kelvin sign", "/lin\u212A ada/notes#1"],
    ["that blocks", "/blocks ada/notes#1"],
    ["that is blocked", "/blocked_by ada/notes#1"],
    ["that unties", "/unlink ada/notes#1"],
    ["that takes a child", "/remove_child ada/notes#1"],
    ["in what looks like a code block", " ~~~\n/move ada/notes\n ~~~"],
    ["in what looks like a comment", " <!--\n/move ada/notes\n-->"],
    ["in what looks like HTML", " <div>\n/move ada/notes\n</div>"],
    ["in a code block", "```\n/move ada/notes\n```"],
    ["far in", "text\n\n      /move ada/notes"],
    ["that a version to come may have", "/send_away ada/notes"],
  ])("is refused as %s", async (_, text) => {
    expect(await refusal(issueCreate(held, { project_id, title: "x", description: text }))).toMatchObject({
      code: "invalid_input",
    });
    expect(await refusal(issueNoteCreate(held, { project_id, issue_iid: 1, body: text }))).toMatchObject({
      code: "invalid_input",
    });
    nothingSent();
  });

  test("runs the actions that stay", async () => {
    const { data } = await issueCreate(held, { project_id, title: "x", description: "text\n/label ~bug\n" });
    expect(data.title).toBe("x");
  });

  test.each([
    "Closes ada/notes#1",
    "fixes: ada/notes#1, and #2",
    "Closes #1, ada/notes#1",
    "Closes [issue:ada/notes/1]",
    "See ada/notes!1",
  ])("closes nothing elsewhere: %s", async (text) => {
    const calls = [
      () => fileCreate(held, { project_id, file_path: "a", branch: "main", content: "x", commit_message: text }),
      () => mergeRequestMerge(held, { project_id, merge_request_iid: 12, merge_commit_message: text }),
      () => mergeRequestMerge(held, { project_id, merge_request_iid: 12, squash_commit_message: text }),
      () => mergeRequestUpdate(held, { project_id, merge_request_iid: 12, description: text }),
      () => mergeRequestCreate(held, { project_id, source_branch: "a", target_branch: "main", title: text }),
      () => issueNoteCreate(held, { project_id, issue_iid: 1, body: text }),
    ];
    for (const call of calls) expect(await refusal(call())).toMatchObject({ code: "forbidden" });
    nothingSent();
  });

  test("closes nothing elsewhere by address", async () => {
    const text = `Closes ${attack.emulator.baseUrl}/ada/notes/-/issues/1`;
    const error = await refusal(mergeRequestUpdate(held, { project_id, merge_request_iid: 12, description: text }));
    expect(error).toMatchObject({ code: "forbidden", details: { policy: "projects" } });
    nothingSent();
  });

  test("may name what is its own, what is allowed, and what does not exist", async () => {
    const body = "Closes #1, acme/app#1 and acme/website#1; see somebody/else#7 and C#7";
    expect((await issueNoteCreate(held, { project_id, issue_iid: 1, body })).status).toBe(201);
  });
});

describe("a setting", () => {
  test.each([
    ["a pipeline configured elsewhere", { ci_config_path: `x.yml@${secret}` }],
    ["the same, of a branch", { ci_config_path: `x.yml@${secret}:main` }],
    ["configured by address", { ci_config_path: "https://elsewhere.example/x.yml" }],
    ["a mirror", { import_url: "https://gitlab.example/ada/notes.git", mirror: true }],
    ["a template of messages", { merge_commit_template: `Closes ${secret}#1` }],
  ])("leads nowhere else: %s", async (_, settings) => {
    expect(await refusal(projectUpdate(held, { project_id, ...settings }))).toMatchObject({ code: "forbidden" });
    nothingSent();
  });

  test("may name a file of its own", async () => {
    expect((await projectUpdate(held, { project_id, ci_config_path: "ci/x.yml" })).status).toBe(200);
  });
});

describe("a parameter", () => {
  test.each(["epic_id", "epic_iid"])("%s ties nothing to an epic elsewhere", async (name) => {
    expect(await refusal(issueCreate(held, { project_id, title: "x", [name]: 1 }))).toMatchObject({
      code: "forbidden",
    });
    nothingSent();
  });

  test.each(["include_ancestors", "include_parent_milestones"])("%s lists nothing of groups above", async (name) => {
    expect(await refusal(milestonesList(held, { project_id, [name]: true }))).toMatchObject({ code: "forbidden" });
    nothingSent();
    expect((await milestonesList(held, { project_id, [name]: false })).status).toBe(200);
  });

  test("a group whose path is a number does not pass for the group of that number", async () => {
    const acme = attack.emulator.state.groupByPath("acme")?.id ?? 0;
    const fork = projectFork(held, { project_id, namespace_path: String(acme), path: "copy" });
    expect(await refusal(fork)).toMatchObject({ code: "forbidden" });
    nothingSent();
  });

  test("what is new lands in a group that is named", async () => {
    expect(await refusal(projectCreate(held, { name: "x" }))).toMatchObject({ code: "forbidden" });
    expect(await refusal(projectFork(held, { project_id, path: "copy" }))).toMatchObject({ code: "forbidden" });
    nothingSent();
  });
});

test("the project itself, under any of its names", async () => {
  expect((await issuesList(held, { project_id })).status).toBe(200);
  const error = await refusal(issuesList(held, { project_id: secret }));
  expect(error).toMatchObject({ code: "forbidden", details: { policy: "projects" } });
  expect((await groupGet(held, { group_id: "acme" })).status).toBe(200);
});

describe("quickActions: refuse", () => {
  test.each([
    "/close",
    " ~~~\n/close",
    "<!--\n/close\n-->",
    "```\n/close\n```",
    "/usr/bin/env",
    "    /close",
    "/lin\u212A #1",
  ])("%j is not sent", async (body) => {
    const ada = await attack.as("ada");
    const strict = attack.gitlab.as(ada.identifier, { policy: { quickActions: "refuse" } });
    attack.requests();
    const error = await refusal(issueNoteCreate(strict, { project_id, issue_iid: 1, body }));
    expect(error).toMatchObject({ code: "invalid_input", details: { fields: [{ field: "body" }] } });
    expect(attack.requests()).toEqual([]);
  });
});

describe("a dry run", () => {
  test("shows no request that the call itself would be refused", async () => {
    const error = await refusal(issueCreate(held, { project_id: secret, title: "x" }, { dryRun: true }));
    expect(error.code).toBe("forbidden");
    nothingSent();
  });

  test("shows the request of a call that is allowed, and sends nothing", async () => {
    const { data } = await issueCreate(held, { project_id, title: "x" }, { dryRun: true });
    expect(data).toMatchObject({ method: "POST", body: { title: "x" } });
    nothingSent();
  });
});

describe("what a CI/CD configuration includes", () => {
  const other = "include:\n  - project: ada/notes\n    file: .gitlab-ci.yml\n";
  test.each([
    ["as it is written", other],
    ["in other letters", other.replace("include", '"inc\\u006cude"')],
    ["by a key of its own line", '? "inc\\\n  lude"\n: { project: ada/notes, file: a.yml }'],
    ["in base64", "? !!binary aW5jbHVkZQ==\n: { project: ada/notes, file: a.yml }"],
    ["by an anchor", `.a: &a\n  ${other.replaceAll("\n", "\n  ")}\n<<: *a\n`],
    [
      "by an input",
      "spec:\n  inputs:\n    k: { default: include }\n---\n$[[ inputs.k ]]: { project: ada/notes, file: a.yml }",
    ],
    ["in a second document", `spec: {}\n---\n${other}`],
    ["in what cannot be read", `${other}\n\t- x: [`],
  ])("is not shown by the linter: %s", async (_, content) => {
    expect(await refusal(projectCiLint(held, { project_id, content }))).toMatchObject({
      details: { policy: "projects" },
    });
    expect(await refusal(ciLint(held, { project_id, content }))).toMatchObject({ details: { policy: "projects" } });
    nothingSent();
  });

  test("is not shown of the project's own file; a file of an allowed project is", async () => {
    const answer = (includes: unknown, valid = true) =>
      attack.emulator.on("GET", "/projects/:id/ci/lint", () => ({
        body: {
          valid,
          errors: valid ? [] : ["jobs:secret is wrong"],
          warnings: [],
          includes,
          merged_yaml: "secret: {}",
        },
      }));
    const include = (project: string) => ({ type: "file", location: "a.yml", extra: { project, ref: "main" } });
    for (const includes of [
      [include(secret)],
      [{ type: "remote", location: "https://x.example/a.yml" }],
      undefined,
      [{}],
    ]) {
      const declared = answer(includes);
      const error = await refusal(ciLintGet(held, { project_id }));
      expect(error).toMatchObject({ code: "forbidden", details: { policy: "projects" } });
      expect(JSON.stringify(error)).not.toContain("secret:");
      declared.remove();
    }
    const invalid = answer([], false);
    expect((await refusal(ciLintGet(held, { project_id }))).message).not.toContain("jobs:secret");
    invalid.remove();
    answer([include("acme/website"), { type: "template", location: "Auto-DevOps.gitlab-ci.yml" }]);
    expect((await ciLintGet(held, { project_id })).data.merged_yaml).toBe("secret: {}");
  });

  test("a configuration without any is checked as ever", async () => {
    const content = "build:\n  script: [pip install --include-deps x, !reference [.a, script]]\n";
    expect((await ciLint(held, { project_id, content })).data.checked).toBe("content");
  });
});

describe("a note of a work item", () => {
  test("is edited and deleted where it lies in an allowed project, and nowhere else", async () => {
    const ada = attack.gitlab.as(held.identifier);
    const noteIn = async (project: string) => {
      const { iid: issue_iid } = (await issueCreate(ada, { project_id: project, title: "x" })).data;
      const { data } = await issueNoteCreate(ada, { project_id: project, issue_iid, body: "first" });
      return "id" in data ? String(data.id) : "";
    };
    const [own, other] = [await noteIn(project_id), await noteIn(secret)];
    attack.requests();
    for (const note_id of [other, `gid://gitlab/Note/${other}`]) {
      const refused = { code: "forbidden", details: { policy: "projects" } };
      expect(await refusal(workItemNoteUpdate(held, { note_id, body: "second" }))).toMatchObject(refused);
      expect(await refusal(workItemNoteDelete(held, { note_id }))).toMatchObject(refused);
    }
    expect((await workItemNoteUpdate(held, { note_id: own, body: "second" })).status).toBe(200);
    expect((await workItemNoteDelete(held, { note_id: own })).status).toBe(200);
  });
});
