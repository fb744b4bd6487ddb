import { Gitlab } from "@gitbeaker/rest";
import { expect, test } from "vitest";
import { setup } from "./client.js";

const { emulator, token } = setup();
const project = "acme/app";

/** Another client's calls, of every area that the emulator covers: what it asks for is what GitLab takes. */
test("@gitbeaker/rest works with the emulator through every area", async () => {
  const gitlab = new Gitlab({ host: emulator().baseUrl, token: token("ada") });
  const { id } = await gitlab.Projects.show(project);
  expect(id).toBe(52_710_401);

  await gitlab.Branches.create(project, "gitbeaker", "main");
  await gitlab.Commits.create(project, "gitbeaker", "Two files", [
    { action: "create", filePath: "one.txt", content: "1\n" },
    { action: "create", filePath: "two.txt", content: "2\n" },
  ]);
  await gitlab.RepositoryFiles.edit(project, "one.txt", "gitbeaker", "one\n", "Edit");
  expect(await gitlab.RepositoryFiles.showRaw(project, "one.txt", "gitbeaker")).toBe("one\n");

  const request = await gitlab.MergeRequests.create(project, "gitbeaker", "main", "From gitbeaker");
  const { diff_refs: refs } = await gitlab.MergeRequests.show(project, request.iid);
  const thread = await gitlab.MergeRequestDiscussions.create(project, request.iid, "Here", {
    position: {
      baseSha: String(refs.base_sha),
      startSha: String(refs.start_sha),
      headSha: String(refs.head_sha),
      positionType: "text",
      oldPath: "one.txt",
      newPath: "one.txt",
      newLine: "1",
    },
  });
  await gitlab.MergeRequestDiscussions.resolve(project, request.iid, thread.id, true);
  await gitlab.MergeRequestNotes.create(project, request.iid, "Fine");
  const reviewer = new Gitlab({ host: emulator().baseUrl, token: token("ben") });
  await reviewer.MergeRequestApprovals.approve(project, request.iid);

  const pipelines = await gitlab.Pipelines.all(project, { ref: "gitbeaker" });
  expect(pipelines.length).toBeGreaterThan(0);
  const jobs = await gitlab.Jobs.all(project, { pipelineId: pipelines[0]?.id ?? 0 });
  expect(await gitlab.Jobs.showLog(project, jobs[0]?.id ?? 0)).toBeTypeOf("string");
  const merged = await gitlab.MergeRequests.accept(project, request.iid);
  expect(merged.state).toBe("merged");

  await gitlab.ProjectVariables.create(project, "GITBEAKER", "1");
  await gitlab.Tags.create(project, "v-gitbeaker", "main");
  await gitlab.ProjectReleases.create(project, { tagName: "v-gitbeaker", name: "G", description: "x" });
  await gitlab.ReleaseLinks.create(project, "v-gitbeaker", "Notes", "https://example.com/notes");
  await gitlab.ProjectMembers.all(project, { includeInherited: true });
  const milestone = await gitlab.ProjectMilestones.create(project, "G1");
  expect(milestone.title).toBe("G1");
  await gitlab.ProjectLabels.create(project, "gitbeaker", "#112233");
  await gitlab.ProjectLabels.edit(project, "gitbeaker", { newName: "gitbeaker-2" });
  const hook = await gitlab.ProjectHooks.add(project, "https://example.com/hook");
  await gitlab.ProjectHooks.remove(project, hook.id);
  const snippet = await gitlab.ProjectSnippets.create(project, "S", {
    visibility: "private",
    files: [{ filePath: "a.sh", content: "date" }],
  });
  await gitlab.ProjectSnippets.remove(project, snippet.id);
  const key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGNvbmZvcm1hbmNlLXRlc3Qta2V5LW5vLTEyMzQ1 test@example.com";
  const deployKey = await gitlab.DeployKeys.create(project, "G", key);
  await gitlab.DeployKeys.remove(project, deployKey.id);
  const page = await gitlab.ProjectWikis.create(project, "Content", "A page");
  expect(page.slug.length).toBeGreaterThan(0);
  await gitlab.ProtectedBranches.protect(project, "stable-*");
  await gitlab.ProtectedBranches.unprotect(project, "stable-*");
  await gitlab.Environments.create(project, "gitbeaker");
  await gitlab.TodoLists.all();
  await gitlab.Events.all();
  const found = await gitlab.Search.all("issues", "page", { projectId: id });
  expect(Array.isArray(found)).toBe(true);
  const issue = await gitlab.Issues.create(project, "By gitbeaker");
  await gitlab.IssueNotes.create(project, issue.iid, "Hm");
  await gitlab.IssueLinks.all(project, issue.iid);
  await gitlab.IssueAwardEmojis.award(project, issue.iid, "thumbsup");
  const schedule = await gitlab.PipelineSchedules.create(project, "Nightly", "main", "0 4 * * *");
  await gitlab.PipelineSchedules.remove(project, schedule.id);
  await gitlab.ProtectedTags.create(project, "stable-*");
  const group = await gitlab.Groups.create("Gitbeaker", "gitbeaker");
  await gitlab.GroupMembers.all(group.id);
  await gitlab.Groups.remove(group.id);
  const ownKey = await gitlab.UserSSHKeys.create("G", key);
  await gitlab.UserSSHKeys.remove(ownKey.id);
  await gitlab.Users.showCurrentUser();
  expect((await gitlab.Metadata.show()).version).toMatch(/^\d/);

  // Nothing of all this was made up from the specification, nor failed on the way.
  const odd = emulator().requests.filter(
    ({ servedBy, status }) => !["special", "resource"].includes(servedBy) || status >= 400,
  );
  expect(odd.map(({ method, path, status, servedBy }) => [method, path, status, servedBy])).toEqual([]);
});
