import { textOf } from "../../repository/diffing.js";
import type { CommitRecord } from "../../repository/model.js";
import { empty, json, refuse, type Call, type Handlers } from "../../server/handler.js";
import type { ProjectRecord } from "../../state/records.js";
import { findCode, findWritableCode, requirePush } from "./code-access.js";
import { commitTitle, signatureOf, trailersOf } from "./commit-entity.js";
import { pushed } from "./pushes.js";

interface Section {
  readonly version: string;
  readonly notes: string;
}

/**
 * The commits that name a category in a trailer, by category, as GitLab's standard template prints them:
 * https://docs.gitlab.com/user/project/changelogs/
 */
function sectionOf(call: Call, project: ProjectRecord): Section {
  const { params, gitlab } = call;
  const { repository } = project;
  const version = (params.text("version") ?? "").replace(/^v/, "");
  if (!/^\d+\.\d+\.\d+(?:[-+][\w.+-]+)?$/.test(version)) refuse(400, { error: "version is invalid" });
  const from = params.text("from") ?? previousTag(project, version);
  if (from === undefined) {
    return refuse(
      422,
      "Failed to generate the changelog: The commit start range is unspecified, and no previous tag could be found to use instead",
    );
  }
  const to = params.text("to") ?? params.text("branch") ?? repository.defaultBranch;
  for (const ref of [from, to]) {
    if (repository.resolve(ref) === undefined)
      refuse(422, `Failed to generate the changelog: ${ref} is not a valid commit range`);
  }
  const trailer = params.text("trailer") ?? "Changelog";
  const categories = new Map<string, CommitRecord[]>();
  for (const commit of repository.between(from, to)) {
    const category = trailersOf(commit.message)[trailer];
    if (category !== undefined) categories.set(category, [...(categories.get(category) ?? []), commit]);
  }
  const given = Date.parse(params.text("date") ?? "");
  const date = (Number.isNaN(given) ? gitlab.now() : new Date(given)).toISOString().slice(0, 10);
  const reference = `${gitlab.projectPath(project)}@`;
  const blocks = [...categories].map(([category, commits]) => {
    const count = commits.length === 1 ? "1 change" : `${String(commits.length)} changes`;
    const lines = commits.map(({ sha, message }) => `- [${commitTitle(message)}](${reference}${sha})`);
    return `### ${category} (${count})\n\n${lines.join("\n")}`;
  });
  return {
    version,
    notes: `## ${version} (${date})\n\n${blocks.length === 0 ? "No changes." : blocks.join("\n\n")}\n`,
  };
}

/** The newest tag of a version before this one; release candidates are no versions here. */
function previousTag({ repository }: ProjectRecord, version: string): string | undefined {
  const before = [...repository.tags.keys()]
    .filter((name) => /^v?\d+\.\d+\.\d+$/.test(name))
    .sort((a, b) => compareVersions(b, a));
  return before.find((name) => compareVersions(name, version) < 0);
}

const compareVersions = (a: string, b: string): number =>
  a.replace(/^v/, "").localeCompare(b.replace(/^v/, ""), "en", { numeric: true });

export const changelogHandlers: Handlers = {
  "GET /projects/{id}/repository/changelog": (call) => json({ notes: sectionOf(call, findCode(call)).notes }),

  "POST /projects/{id}/repository/changelog": (call) => {
    const { project, user } = findWritableCode(call);
    const { params, gitlab } = call;
    const { repository } = project;
    const branch = params.text("branch") ?? repository.defaultBranch;
    const { version, notes } = sectionOf(call, project);
    requirePush(call, project, branch);
    const path = params.text("file") ?? "CHANGELOG.md";
    const before = repository.branches.get(branch);
    const known = before === undefined ? undefined : repository.tree(before).get(path);
    const rest = known === undefined ? "" : `\n${textOf(known)}`;
    repository.commitTo(branch, {
      message: params.text("message") ?? `Add changelog for version ${version}`,
      author: signatureOf(user, gitlab.now()),
      changes: [{ path, content: `${notes}${rest}` }],
    });
    pushed(gitlab, project, { branch, before, userId: user.id });
    return empty(200);
  },
};
