import { distance } from "./distance.js";

/** No name of ours is anywhere near as long, and the comparison's cost grows with the square. */
const longestName = 100;

/** What people and models call things that are called otherwise here, the likeliest first. */
const otherwise: Readonly<Record<string, readonly string[]>> = {
  url: ["baseUrl", "base_url"],
  host: ["baseUrl"],
  state: ["state_event", "scope", "status"],
  status: ["scope", "state", "state_event"],
  branch: ["ref_name", "ref", "source_branch"],
  ref: ["ref_name", "branch"],
  iid: ["issue_iid", "merge_request_iid"],
  assignee: ["assignee_username", "assignee_ids", "assignee_id"],
  author: ["author_username"],
  reviewer: ["reviewer_username", "reviewer_ids"],
  query: ["search"],
  q: ["search"],
  text: ["body", "content", "description"],
  comment: ["body", "note"],
  message: ["commit_message"],
  path: ["file_path"],
  tag: ["tag_name"],
  limit: ["per_page"],
};

/** The name that was probably meant, or nothing when none is near. */
export function nearest(name: string, names: Iterable<string>): string | undefined {
  if (name.length > longestName) return undefined;
  const known = [...names];
  const other = Object.hasOwn(otherwise, name) ? otherwise[name]?.find((word) => known.includes(word)) : undefined;
  if (other !== undefined) return other;
  let best: string | undefined;
  let least = Infinity;
  for (const candidate of known) {
    const apart = distance(name.toLowerCase(), candidate.toLowerCase());
    if (apart < least) [best, least] = [candidate, apart];
  }
  return best !== undefined && least <= Math.max(2, Math.ceil(name.length / 2.5)) ? best : undefined;
}
