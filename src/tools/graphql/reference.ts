import { isOnInstance } from "../../http/on-instance.js";
import { readReference } from "../../policy/reference.js";

/** A project or group, as somebody named it. */
export interface PlaceName {
  readonly kind: "project" | "group";
  /** Number or full path. */
  readonly reference: string;
}

/** A work item as people name it: its number, and where it is if they say so. */
export interface WorkItemName {
  readonly iid: string;
  readonly place?: PlaceName;
  /** It is written as epics are: `&42`. */
  readonly isEpic?: true;
}

const longest = 2000;

/**
 * Understands `42`, `#42` and `&42`, `group/project#42`, `group&42`, and web URLs on the connection's own instance.
 * `undefined` for what is none of them.
 */
export function readWorkItem(input: string, baseUrl: string): WorkItemName | undefined {
  const text = input.trim();
  if (text.length > longest) return undefined;
  if (/^https?:\/\//i.test(text)) return fromUrl(text, baseUrl);
  const [, path, sign, iid] = /^([^#&\s]*)([#&]?)(\d{1,18})$/.exec(text) ?? [];
  if (iid === undefined || path === undefined) return undefined;
  if (path === "") return sign === "&" ? { iid, isEpic: true } : { iid };
  const kind = sign === "&" ? "group" : "project";
  const place = sign === "" ? undefined : placeName(kind, path, baseUrl);
  return place && { iid, place };
}

/** `/groups/acme/-/epics/5`, `/acme/app/-/issues/4`, `/acme/app/-/work_items/4`. */
const itemPath = /\/-\/(?:issues|work_items|epics|incidents|issues\/incident)\/(\d{1,18})(?:\/|$)/;

function fromUrl(text: string, baseUrl: string): WorkItemName | undefined {
  if (!URL.canParse(text)) return undefined;
  const url = new URL(text);
  const { pathname } = url;
  const iid = itemPath.exec(pathname)?.[1];
  const base = new URL(baseUrl).pathname.replace(/\/+$/, "");
  const path = pathname.slice(base.length);
  // What GitLab's REST API calls the parent of an epic by.
  const [, groupId, epic] = /^\/api\/v4\/groups\/(\d+)\/epics\/(\d{1,18})$/.exec(path) ?? [];
  if (groupId !== undefined && epic !== undefined && isOnInstance(url, baseUrl))
    return { iid: epic, place: { kind: "group", reference: groupId } };
  const kind = path.startsWith("/groups/") ? "group" : "project";
  const place = placeName(kind, text, baseUrl);
  return iid === undefined || place === undefined ? undefined : { iid, place };
}

function placeName(kind: PlaceName["kind"], input: string, baseUrl: string): PlaceName | undefined {
  const read = readReference(kind, "work_item", input, baseUrl);
  return "value" in read ? { kind, reference: read.value } : undefined;
}

/** A global id such as `gid://gitlab/WorkItem/42`. */
export const isGlobalId = (text: string): boolean => /^gid:\/\/gitlab\/[\w:]+\/\w+$/.test(text);
