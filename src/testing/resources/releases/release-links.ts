import { created, json, list, notFound, refuse, type Call, type Handlers } from "../../server/handler.js";
import type { ProjectRecord, ReleaseLinkRecord, ReleaseRecord } from "../../state/records.js";
import { findCode, findWritableCode } from "../code/code-access.js";
import { linkEntity } from "./release-entity.js";

const path = "/projects/{id}/releases/{tag_name}/assets/links";

interface Open {
  readonly release: ReleaseRecord;
  readonly url: string;
}

function open(call: Call, project: ProjectRecord): Open {
  const release = call.gitlab.releases.find(
    ({ projectId, tagName }) => projectId === project.id && tagName === call.path["tag_name"],
  );
  if (release === undefined) return notFound();
  return { release, url: `${call.gitlab.projectUrl(project)}/-/releases/${encodeURIComponent(release.tagName)}` };
}

const findLink = (call: Call, { release }: Open): ReleaseLinkRecord =>
  release.links.find(({ id }) => id === Number(call.path["link_id"])) ?? notFound();

/** The link that a request describes, over one that is there. */
function linkFrom(call: Call, { release }: Open, before?: ReleaseLinkRecord): ReleaseLinkRecord {
  const { params } = call;
  const name = params.text("name") ?? before?.name ?? "";
  const url = params.text("url") ?? before?.url ?? "";
  if (!URL.canParse(url) || !/^(?:https?|ftp):$/.test(new URL(url).protocol)) {
    refuse(400, { message: { url: ["is blocked: Only allowed schemes are http, https, ftp"] } });
  }
  for (const field of ["name", "url"] as const) {
    const value = field === "name" ? name : url;
    if (release.links.some((link) => link !== before && link[field] === value)) {
      refuse(400, { message: { [field]: ["has already been taken"] } });
    }
  }
  const type = params.text("link_type") ?? before?.linkType;
  return {
    id: before?.id ?? call.gitlab.nextId("link"),
    name,
    url,
    linkType: type === "runbook" || type === "image" || type === "package" ? type : "other",
    directAssetPath: params.text("direct_asset_path") ?? params.text("filepath") ?? before?.directAssetPath ?? null,
  };
}

/** Links of a release to files elsewhere. */
export const releaseLinkHandlers: Handlers = {
  [`GET ${path}`]: (call) => {
    const { release, url } = open(call, findCode(call));
    return list(release.links, (link) => linkEntity(link, url));
  },
  [`GET ${path}/{link_id}`]: (call) => {
    const found = open(call, findCode(call));
    return json(linkEntity(findLink(call, found), found.url));
  },
  [`POST ${path}`]: (call) => {
    const found = open(call, findWritableCode(call).project);
    const link = linkFrom(call, found);
    found.release.links.push(link);
    return created(linkEntity(link, found.url));
  },
  [`PUT ${path}/{link_id}`]: (call) => {
    const found = open(call, findWritableCode(call).project);
    const before = findLink(call, found);
    const link = linkFrom(call, found, before);
    found.release.links.splice(found.release.links.indexOf(before), 1, link);
    return json(linkEntity(link, found.url));
  },
  [`DELETE ${path}/{link_id}`]: (call) => {
    const found = open(call, findWritableCode(call).project);
    const link = findLink(call, found);
    found.release.links.splice(found.release.links.indexOf(link), 1);
    return json(linkEntity(link, found.url));
  },
};
