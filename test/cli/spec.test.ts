import { join } from "node:path";
import { expect, test } from "vitest";
import { version } from "../../src/version.js";
import { api, project, read, sound } from "../codegen/project.js";
import { cli } from "../support/cli.js";

/** A project, and a document that breaks one of its tools. */
async function broken(): Promise<{ root: string; from: string }> {
  const next = structuredClone(api());
  const get = next.paths["/api/v4/projects/{id}/widgets"]?.["get"] as { parameters: unknown[] };
  get.parameters.splice(2, 1);
  const root = await project({ ...sound(), "next.yaml": next });
  return { root, from: join(root, "next.yaml") };
}

test("spec diff tells a person, and with --fail-on the exit code tells a script", async () => {
  const { root, from } = await broken();
  const { code, stdout, stderr } = await cli(["spec", "diff", "--root", root, "--from", from, "--fail-on", "breaking"]);
  expect(code).toBe(1);
  expect(stderr).toBe("breaking: GitLab 1.2: 1 breaking, 0 to review, 0 safe\n");
  expect(stdout).toMatch(
    /^GitLab 1\.2: 1 breaking.*\n\ngitlab_widgets_list {2}GET \/api\/v4\/projects\/\{id\}\/widgets\n {2}breaking {2}parameter page: gone {2}\(spec\/tools\/widgets\.yaml:\d+:\d+\)\n$/,
  );
});

test("spec diff --markdown is for a merge request, --json for programs; without --fail-on both end well", async () => {
  const { root, from } = await broken();
  const markdown = await cli(["spec", "diff", "--root", root, "--from", from, "--markdown"]);
  expect(markdown).toMatchObject({ code: 0, stderr: "" });
  expect(markdown.stdout).toContain("### Breaking\n\n- `gitlab_widgets_list`\n  - `parameter page: gone`");
  const json = await cli(["spec", "diff", "--root", root, "--from", from, "--json"]);
  expect(json).toMatchObject({ code: 0, stderr: "" });
  expect(JSON.parse(json.stdout)).toMatchObject({
    counts: { breaking: 1, review: 0, safe: 0 },
    findings: [
      {
        severity: "breaking",
        check: "parameter-removed",
        tool: "gitlab_widgets_list",
        operation: "GET /api/v4/projects/{id}/widgets",
        subject: "page",
        place: { file: "spec/tools/widgets.yaml" },
      },
    ],
  });
});

test.each([
  [["generate"], "generate --spec"],
  [["spec", "update", "--from", "next.yaml"], "spec diff"],
  [["tools", "explain", "gitlab_issue_get"], "tools show"],
])("%j beside an installed package says whose sources it needs, and what works there", async (args, instead) => {
  const root = await project({});
  const { code, stderr, stdout } = await cli([...args, "--root", root]);
  expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
  expect(stderr).toContain(`a clone of the sources of gitlab-agent-tools ${version}. `);
  expect(stderr).toContain(instead);
});

test("tools explain says which line or rule each value comes from", async () => {
  const root = await project(sound());
  const ran = await cli(["tools", "explain", "gitlab_widgets_list", "--root", root, "--json"]);
  const values = JSON.parse(ran.stdout) as { field: string; origin: object }[];
  const origin = (field: string): unknown => values.find((value) => value.field === field)?.origin;
  expect(values).toContainEqual(
    expect.objectContaining({ origin: { from: "derived", rule: expect.any(String) as string } }),
  );
  expect(origin("description")).toMatchObject({
    from: "manifest",
    place: expect.stringMatching(/^spec\/tools\/widgets\.yaml:\d+:\d+$/) as string,
  });
  const told = await cli(["tools", "explain", "gitlab_widgets_list", "--root", root]);
  expect(told.stdout).toMatch(/^description +".*" {2}spec\/tools\/widgets\.yaml:\d+:\d+$/m);
  const missing = await cli(["tools", "explain", "gitlab_widget_list", "--root", root]);
  expect(missing).toMatchObject({ code: 1, stderr: expect.stringContaining("gitlab_widgets_list") as string });
});

test("spec update shows what breaks, writes nothing, and says how to take it", async () => {
  const { root, from } = await broken();
  const before = await read(root);
  const { code, stdout, stderr } = await cli(["spec", "update", "--root", root, "--from", from]);
  expect(code).toBe(1);
  expect(stdout).toContain("  breaking  parameter page: gone");
  expect(stderr).toBe("breaking: 1 change breaks a tool; nothing was written. Take them with --accept-breaking\n");
  expect(await read(root)).toEqual(before);
});
