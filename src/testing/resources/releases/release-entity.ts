import { createHash } from "node:crypto";
import { contextFor } from "../../state/context-of.js";
import { milestoneEntity } from "../planning/planning-entities.js";
import type { ProjectRecord, ReleaseLinkRecord, ReleaseRecord } from "../../state/records.js";
import { userById } from "../users/user-entity.js";
import type { GitLabState } from "../../state/gitlab-state.js";

/** A release with its assets: the archives of the tag, and links to files elsewhere. */
export function releaseEntity(
  gitlab: GitLabState,
  project: ProjectRecord,
  release: ReleaseRecord,
  commit: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  const url = gitlab.projectUrl(project);
  const tag = encodeURIComponent(release.tagName);
  const path = new URL(url).pathname;
  const sources = ["zip", "tar.gz", "tar.bz2", "tar"].map((format) => ({
    format,
    url: `${url}/-/archive/${tag}/${project.path}-${tag}.${format}`,
  }));
  const links = release.links.map((link) => linkEntity(link, `${url}/-/releases/${tag}`));
  const filtered = (kind: string, state: string): string =>
    `${url}/-/${kind}?release_tag=${tag}&scope=all&state=${state}`;
  return {
    name: release.name,
    tag_name: release.tagName,
    description: release.description,
    created_at: release.createdAt.toISOString(),
    released_at: release.releasedAt.toISOString(),
    upcoming_release: release.releasedAt.getTime() > gitlab.now().getTime(),
    author: userById(gitlab, release.authorId),
    commit,
    milestones: release.milestoneIds.flatMap((id) => milestoneOf(gitlab, project, id)),
    commit_path: `${path}/-/commit/${String(commit["id"])}`,
    tag_path: `${path}/-/tags/${tag}`,
    assets: { count: sources.length + links.length, sources, links },
    evidences: [
      {
        sha: createHash("sha256").update(`${release.tagName} ${release.createdAt.toISOString()}`).digest("hex"),
        filepath: `${url}/-/releases/${tag}/evidences/1.json`,
        collected_at: release.createdAt.toISOString(),
      },
    ],
    _links: {
      closed_issues_url: filtered("issues", "closed"),
      closed_merge_requests_url: filtered("merge_requests", "closed"),
      edit_url: `${url}/-/releases/${tag}/edit`,
      merged_merge_requests_url: filtered("merge_requests", "merged"),
      opened_issues_url: filtered("issues", "opened"),
      opened_merge_requests_url: filtered("merge_requests", "opened"),
      self: `${url}/-/releases/${tag}`,
    },
  };
}

export const linkEntity = (link: ReleaseLinkRecord, releaseUrl: string): Record<string, unknown> => ({
  id: link.id,
  name: link.name,
  url: link.url,
  direct_asset_url: link.directAssetPath === null ? link.url : `${releaseUrl}/downloads${link.directAssetPath}`,
  link_type: link.linkType,
});

function milestoneOf(gitlab: GitLabState, project: ProjectRecord, id: number): Record<string, unknown>[] {
  const milestone = gitlab.planning.milestone(id);
  if (milestone === undefined) return [];
  const issues = gitlab.planning.issues.filter(({ milestoneId }) => milestoneId === milestone.id);
  const closed = issues.filter(({ state }) => state === "closed").length;
  return [
    { ...milestoneEntity(contextFor(gitlab, project, 0), milestone), issue_stats: { total: issues.length, closed } },
  ];
}
