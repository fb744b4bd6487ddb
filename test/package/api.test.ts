import { expect, test } from "vitest";
import { apiReports, committedReports } from "../../scripts/api-report.js";

const reading = apiReports();

test("the committed reports show the package's public types as they are; npm run api brings them up to date", async () => {
  const [reports, committed] = await Promise.all([reading, committedReports()]);
  expect([...committed.keys()].sort()).toEqual([...reports.keys()].sort());
  for (const [file, report] of reports) expect(committed.get(file), file).toBe(report);
});

test("what an entry point exports and what that needs is in its report, in the words of the sources", async () => {
  const reports = await reading;
  expect(reports.get("index.api.md")).toContain(
    "export declare function createGitLab(options?: GitLabOptions): GitLab;",
  );
  expect(reports.get("toolbox.api.md")).toMatch(/^export interface ToolboxOptions /m);
  expect(reports.get("langchain.api.md")).toContain("## Of gitlab-agent-tools/toolbox");
  expect(reports.get("tools.api.md")).toMatch(/^issuesList$/m);
});
