import { findCode, findWritableCode, touch } from "../code/code-access.js";
import { commitEntity } from "../code/commit-entity.js";
import { created, json, list, notFound, refuse, type Call, type Handlers } from "../../server/handler.js";
import { findProject } from "../../server/access.js";
import { releaseEntity } from "./release-entity.js";
import { role, type ProjectRecord, type ReleaseLinkRecord, type ReleaseRecord } from "../../state/records.js";

/** Releases of a project, one for a tag. */
export const releaseHandlers: Handlers = {
  getApiV4ProjectsIdReleases: (call) => {
    const project = findProject(call);
    const { params } = call;
    // A guest reads the list, without what belongs to the code.
    const reads = project.visibility !== "private" || call.gitlab.projectRole(call.user, project) >= role.reporter;
    const key = params.text("order_by") === "created_at" ? "createdAt" : "releasedAt";
    const direction = params.text("sort") === "asc" ? 1 : -1;
    const after = Date.parse(params.text("updated_after") ?? "");
    const before = Date.parse(params.text("updated_before") ?? "");
    const found = releasesOf(call, project)
      .filter(({ createdAt }) => !(createdAt.getTime() < after) && !(createdAt.getTime() > before))
      .sort((a, b) => direction * (a[key].getTime() - b[key].getTime()));
    return list(found, (release) => {
      const { tag_name: tag, commit, evidences, assets, ...rest } = present(call, project, release);
      return reads
        ? { tag_name: tag, commit, evidences, assets, ...rest }
        : { ...rest, assets: withoutSources(assets) };
    });
  },

  getApiV4ProjectsIdReleasesTagName: (call) => {
    const project = findCode(call);
    return json(present(call, project, requireRelease(call, project)));
  },

  postApiV4ProjectsIdReleases: (call) => {
    const { project, user } = findWritableCode(call);
    const { params, gitlab } = call;
    const tagName = params.text("tag_name") ?? "";
    if (releasesOf(call, project).some((release) => release.tagName === tagName)) {
      return refuse(409, "Release already exists");
    }
    const milestones = milestoneIds(call, project) ?? [];
    requireTag(call, project, tagName);
    const now = gitlab.now();
    const release: ReleaseRecord = {
      projectId: project.id,
      tagName,
      name: params.text("name") ?? tagName,
      description: params.text("description") ?? null,
      authorId: user.id,
      milestoneIds: milestones,
      links: linksOf(call),
      createdAt: now,
      releasedAt: momentOf(params.text("released_at")) ?? now,
    };
    gitlab.releases.push(release);
    touch(call, project);
    return created(present(call, project, release));
  },

  putApiV4ProjectsIdReleasesTagName: (call) => {
    const { project } = findWritableCode(call);
    const release = requireRelease(call, project, true);
    const { params } = call;
    release.name = params.text("name") ?? release.name;
    if (params.sent("description")) release.description = params.text("description") ?? null;
    release.releasedAt = momentOf(params.text("released_at")) ?? release.releasedAt;
    release.milestoneIds = milestoneIds(call, project) ?? release.milestoneIds;
    return json(present(call, project, release));
  },

  deleteApiV4ProjectsIdReleasesTagName: (call) => {
    const { project } = findWritableCode(call);
    const release = requireRelease(call, project, true);
    const { releases } = call.gitlab;
    releases.splice(releases.indexOf(release), 1);
    return json(present(call, project, release));
  },
};

function withoutSources(assets: unknown): unknown {
  if (typeof assets !== "object" || assets === null) return assets;
  return { ...assets, sources: undefined };
}

const releasesOf = ({ gitlab }: Call, project: ProjectRecord): ReleaseRecord[] =>
  gitlab.releases.filter(({ projectId }) => projectId === project.id);

/** Readers are told less than those who may change releases. */
function requireRelease(call: Call, project: ProjectRecord, writing = false): ReleaseRecord {
  const tag = call.path["tag_name"];
  const found = releasesOf(call, project).find(({ tagName }) => tagName === tag);
  return found ?? (writing ? refuse(404, "Release does not exist") : notFound());
}

/** The tag of a new release is made from `ref` when it is not there. */
function requireTag(call: Call, project: ProjectRecord, tagName: string): void {
  const { repository } = project;
  if (repository.tags.has(tagName)) return;
  const ref = call.params.text("ref");
  if (ref === undefined) refuse(422, "Ref is not specified");
  if (repository.createTag(tagName, ref, call.params.text("tag_message") ?? null, call.gitlab.now()) === undefined) {
    refuse(422, `Target ${ref} is invalid`);
  }
}

function milestoneIds({ params, gitlab }: Call, project: ProjectRecord): number[] | undefined {
  if (!params.sent("milestones") && !params.sent("milestone_ids")) return undefined;
  const known = gitlab.planning.milestonesOf(project.id);
  const byTitle = params.list("milestones").map((title) => {
    const milestone = known.find((one) => one.title === title);
    return milestone?.id ?? refuse(400, `Milestone(s) not found: ${title}`);
  });
  const byId = params.list("milestone_ids").map((id) => {
    const milestone = known.find((one) => one.id === Number(id));
    return milestone?.id ?? refuse(400, `Milestone id(s) not found: ${id}`);
  });
  return [...byTitle, ...byId];
}

function linksOf({ values, gitlab }: Call): ReleaseLinkRecord[] {
  const { assets } = values;
  const links: unknown = typeof assets === "object" && assets !== null && "links" in assets ? assets.links : [];
  return (Array.isArray(links) ? links : []).map((link: Readonly<Record<string, unknown>> | null) => {
    const { name, url, link_type: type, direct_asset_path: direct, filepath } = link ?? {};
    if (typeof name !== "string" || typeof url !== "string") {
      return refuse(400, { error: `assets[links][0][${typeof name === "string" ? "url" : "name"}] is missing` });
    }
    const path = direct ?? filepath;
    return {
      id: gitlab.nextId("link"),
      name,
      url,
      linkType: type === "runbook" || type === "image" || type === "package" ? type : "other",
      directAssetPath: typeof path === "string" ? path : null,
    };
  });
}

function momentOf(text: string | undefined): Date | undefined {
  const time = Date.parse(text ?? "");
  return Number.isNaN(time) ? undefined : new Date(time);
}

function present(call: Call, project: ProjectRecord, release: ReleaseRecord): Record<string, unknown> {
  const commit = project.repository.commit(release.tagName) ?? notFound();
  const entity = releaseEntity(call.gitlab, project, release, commitEntity(call.gitlab, project, commit));
  const html = call.params.flag("include_html_description") === true;
  return html ? { ...entity, description_html: `<p dir="auto">${release.description ?? ""}</p>` } : entity;
}
