import { once } from "node:events";
import { defineTool, GitLabToolError, toolNames } from "gitlab-agent-tools";
import { describe, expect, test } from "vitest";
import * as z from "zod";
import { allDefinitions } from "../../src/tools/all-definitions.js";
import { presetNames, selectTools, type PresetName, type Selection } from "../../src/tools/select.js";

const names = (selection?: Selection): string[] => selectTools(selection).map(({ name }) => name);

function refused(selection: Selection): GitLabToolError {
  try {
    selectTools(selection);
  } catch (error) {
    if (error instanceof GitLabToolError) return error;
    throw error;
  }
  throw new Error("was not refused");
}

test("nothing given: the tools of the core, by name", () => {
  expect(names()).toEqual(
    selectTools({ level: "all" }).flatMap(({ name, level }) => (level === undefined ? [name] : [])),
  );
});

test("a tool is selected by a name that it had, and whoever does it hears so once", async () => {
  const { definition } = defineTool({
    name: "acme_widgets_list",
    description: "Lists widgets.",
    method: "GET",
    path: "/api/v4/widgets",
    input: z.object({}),
  });
  const own = [{ ...definition, aliases: ["acme_gizmos_list"] }];
  const warned = once(process, "warning");
  for (const tools of [["acme_gizmos_list"], ["acme_gizmos_list", "acme_widgets_list"], ["acme_gizmos*"]])
    expect(selectTools({ tools }, own).map(({ name }) => name)).toEqual(["acme_widgets_list"]);
  expect(selectTools({ tools: ["!acme_gizmos_list"], areas: ["own", "issues"] }, own)).not.toContain(own[0]);
  const [warning] = (await warned) as [Error];
  expect(warning).toMatchObject({
    name: "DeprecationWarning",
    message: "acme_gizmos_list is called acme_widgets_list now: use that name.",
  });
});

describe("levels", () => {
  const core = names();

  test("each holds the one before it", () => {
    const [extended, all] = [names({ level: "extended" }), names({ level: "all" })];
    expect(extended).toEqual(expect.arrayContaining(core));
    expect(all).toEqual(expect.arrayContaining(extended));
    expect(core.length).toBeLessThan(extended.length);
    expect(extended.length).toBeLessThan(all.length);
  });

  test("globs, areas and access stay within the level; a name in full reaches every one", () => {
    expect(names({ tools: ["gitlab_issue*"] }).every((name) => core.includes(name))).toBe(true);
    expect(names({ tools: ["gitlab_issue*"], level: "extended" })).toContain("gitlab_issue_links_list");
    expect(names({ access: "read" })).not.toContain("gitlab_wiki_pages_list");
    expect(names({ tools: ["gitlab_wiki_pages_list", "gitlab_issue_get"] })).toEqual([
      "gitlab_issue_get",
      "gitlab_wiki_pages_list",
    ]);
  });

  test("what no tool of the level answers is refused, with the way to reach it", () => {
    for (const selection of [{ areas: ["wikis"] }, { tools: ["gitlab_wiki*"] }])
      expect(refused(selection)).toMatchObject({
        code: "invalid_input",
        hint: expect.stringContaining("level") as string,
      });
    expect(refused({ level: "al" as "all" })).toMatchObject({ code: "invalid_input" });
  });

  test("of tools that GitLab has at two paths, one is offered; the other by its name", () => {
    const twins = allDefinitions().filter(({ same_as }) => same_as !== undefined);
    expect(twins.map(({ name }) => name)).toContain("gitlab_group_epics_list_alternate");
    for (const { name, same_as = "", access, parameters } of twins) {
      expect(names({ level: "all" })).toContain(same_as);
      expect(names({ level: "all" })).not.toContain(name);
      expect(names({ tools: [name] })).toEqual([name]);
      expect(allDefinitions().find((one) => one.name === same_as)).toMatchObject({ access, parameters });
    }
  });

  test("tools that make or answer credentials are offered by name only", () => {
    const named = "gitlab_project_access_token_create";
    expect(toolNames).toContain(named);
    expect(names({ level: "all" })).not.toContain(named);
    expect(names({ level: "all", tools: ["gitlab_project_*"] })).not.toContain(named);
    expect(names({ tools: [named] })).toEqual([named]);
  });
});

describe("what is given must all hold", () => {
  test("areas", () => {
    const tools = selectTools({ areas: ["issues", "labels"] });
    expect([...new Set(tools.map(({ area }) => area))].toSorted()).toEqual(["issues", "labels"]);
  });

  test("access: the most that a tool may do", () => {
    expect(new Set(selectTools({ access: "read" }).map(({ access }) => access))).toEqual(new Set(["read"]));
    expect(new Set(selectTools({ access: "write" }).map(({ access }) => access))).toEqual(new Set(["read", "write"]));
    expect(names({ access: "destructive" })).toEqual(names());
  });

  test("names, globs, and what they take away", () => {
    expect(names({ tools: ["gitlab_tag_*", "gitlab_file_get"] })).toEqual([
      "gitlab_file_get",
      "gitlab_tag_create",
      "gitlab_tag_delete",
      "gitlab_tag_get",
    ]);
    expect(names({ tools: ["gitlab_tag_*", "!*_delete"] })).toEqual(["gitlab_tag_create", "gitlab_tag_get"]);
    expect(names({ tools: ["!*_delete"] })).toEqual(names().filter((name) => !name.endsWith("_delete")));
    expect(() => names({ tools: ["gitlab.tag.get"] })).toThrow("There is no tool");
  });

  test("scopes at hand", () => {
    expect(names({ scopes: ["api"] })).toEqual(names());
    expect(names({ scopes: ["read_api"] })).toEqual(names({ access: "read" }));
    expect(names({ scopes: ["read_user"] })).toEqual([
      "gitlab_current_user_get",
      "gitlab_current_user_ssh_keys_list",
      "gitlab_user_get",
      "gitlab_users_list",
    ]);
    expect(names({ scopes: ["read_repository"] })).toEqual(["gitlab_file_get"]);
    expect(names({ scopes: [] })).toEqual([]);
  });

  test("tier", () => {
    const paid = ["gitlab_merge_request_approvals_get", "gitlab_merge_request_approve"];
    expect(names({ tier: "free" })).toEqual(names().filter((name) => !paid.includes(name)));
    expect(names({ tier: "premium" })).toEqual(names());
  });

  test("together", () => {
    expect(names({ areas: ["issues"], access: "read", tools: ["*_list"] })).toEqual([
      "gitlab_issue_notes_list",
      "gitlab_issues_list",
    ]);
  });
});

describe("presets", () => {
  test("for common jobs, none of them destructive", () => {
    expect(presetNames).toEqual(["triage", "review", "ci", "release", "read-only"]);
    for (const preset of presetNames) {
      const tools = selectTools({ preset });
      expect(tools.length, preset).toBeGreaterThan(9);
      expect(tools.some(({ access }) => access === "destructive")).toBe(false);
    }
    expect(names({ preset: "read-only" })).toEqual(names({ access: "read" }));
  });

  test.each<[PresetName, string[]]>([
    ["triage", ["gitlab_issues_list", "gitlab_issue_update", "gitlab_issue_note_create", "gitlab_issue_labels_list"]],
    ["review", ["gitlab_merge_request_diff_get", "gitlab_merge_request_approve", "gitlab_file_get"]],
    ["ci", ["gitlab_pipelines_list", "gitlab_job_log_get", "gitlab_pipeline_retry"]],
    ["release", ["gitlab_release_create", "gitlab_tag_create", "gitlab_compare_refs", "gitlab_milestones_list"]],
  ])("%s has what the job needs", (preset, needed) => {
    expect(names({ preset })).toEqual(expect.arrayContaining(needed));
  });

  test("several add up, and narrow with the rest", () => {
    const both = names({ preset: ["triage", "ci"] });
    expect(both).toEqual([...new Set([...names({ preset: "triage" }), ...names({ preset: "ci" })])].toSorted());
    expect(names({ preset: ["triage", "ci"], access: "read" })).toEqual(
      both.filter((name) => names({ access: "read", level: "extended" }).includes(name)),
    );
  });
});

describe("what does not exist is refused with the nearest name", () => {
  test.each<[Selection, string, string, string | undefined]>([
    [{ tools: ["gitlab_isues_list"] }, "unknown_tool", "There is no tool", "gitlab_issues_list"],
    [{ areas: ["isues"] }, "invalid_input", "There is no area", "issues"],
    // Selections also come from command lines and configuration, where no compiler has seen them.
    [JSON.parse('{ "preset": "revew" }') as Selection, "invalid_input", "There is no preset", "review"],
    [JSON.parse('{ "access": "all" }') as Selection, "invalid_input", "There is no access", undefined],
    [JSON.parse('{ "tier": "premum" }') as Selection, "invalid_input", "There is no tier", "premium"],
  ])("%j", (selection, code, message, near) => {
    const error = refused(selection);
    expect(error.code).toBe(code);
    expect(error.message).toContain(message);
    expect(error.hint).toBeTruthy();
    if (near) expect(error.details).toEqual({ nearest: near });
  });
});
