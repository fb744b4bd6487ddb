import { refuse, type Call, type Handlers } from "../../server/handler.js";
import { protectedBranchesOf, protection } from "../../state/branch-protection.js";
import { role } from "../../state/records.js";
import type { ResourceRecord } from "../../state/resource-records.js";
import { underProject, type Place, type Under } from "../engine/places.js";
import { resourceHandlers, type Resource } from "../engine/resource.js";

const descriptions: Readonly<Record<number, string>> = {
  0: "No one",
  30: "Developers + Maintainers",
  40: "Maintainers",
  60: "Administrators",
};

const levels = (record: ResourceRecord, level: unknown): readonly unknown[] => [
  {
    id: record.id,
    access_level: level,
    access_level_description: descriptions[Number(level)] ?? "Maintainers",
    deploy_key_id: null,
    user_id: null,
    group_id: null,
  },
];

const underProtected: Under = (call) => {
  const place = underProject(call);
  if (place.project !== undefined) protectedBranchesOf(call.gitlab, place.project);
  return place;
};

const exists =
  (kind: string) =>
  (values: Record<string, unknown>, call: Call, place: Place): void => {
    const name = String(values["name"]);
    const taken = call.gitlab.resources.in(kind, place.key).some((record) => record.values["name"] === name);
    const what = kind === "protected_tags" ? "tag" : "branch";
    if (taken) refuse(409, `Protected ${what} '${name}' already exists`);
  };

const protectedBranches: Resource = {
  name: "protected_branches",
  path: "/projects/{id}/protected_branches",
  item: "name",
  key: "name",
  under: underProtected,
  roles: { read: role.developer, write: role.maintainer },
  patch: true,
  defaults: protection,
  write: (values, call, place, before) => {
    if (before === undefined) exists("protected_branches")(values, call, place);
    return values;
  },
  after: (change, { values }, _call, { project }) => {
    if (change === "remove") project?.repository.protectedBranches.delete(String(values["name"]));
    else project?.repository.protectedBranches.add(String(values["name"]));
  },
  present: (record) => ({
    push_access_levels: levels(record, record.values["push_access_level"]),
    merge_access_levels: levels(record, record.values["merge_access_level"]),
    unprotect_access_levels: [],
  }),
};

const protectedTags: Resource = {
  name: "protected_tags",
  path: "/projects/{id}/protected_tags",
  item: "name",
  key: "name",
  operations: ["list", "get", "create", "remove"],
  under: underProject,
  roles: { read: role.developer, write: role.maintainer },
  defaults: { create_access_level: 40 },
  write: (values, call, place) => {
    exists("protected_tags")(values, call, place);
    return values;
  },
  present: (record) => ({ create_access_levels: levels(record, record.values["create_access_level"]) }),
};

/** Branches and tags that not everybody may change. */
export const protectionResources: Handlers = {
  ...resourceHandlers(protectedBranches),
  ...resourceHandlers(protectedTags),
};
