import type { GitLabState } from "../state/gitlab-state.js";
import type { GroupRecord, MemberRecord, ProjectRecord } from "../state/records.js";
import type { Body, Payload } from "./entities.js";
import type { Happening } from "./rows.js";

/** The payloads of what happened to a group itself. */
export function groupPayload(gitlab: GitLabState, group: GroupRecord, { row, what }: Happening): Payload | undefined {
  const told = (kind: string, header: string, body: Body): Payload => ({
    kind,
    setting: `${kind}_events`,
    header,
    body: { ...body, created_at: gitlab.now().toISOString(), updated_at: gitlab.now().toISOString() },
  });
  const name = (made: string, gone: string): string => (what === "removed" ? gone : made);
  if (row.kind === "member") {
    const member = row.record as MemberRecord;
    const user = gitlab.users.get(member.userId);
    const event = what === "created" ? "add_to" : what === "updated" ? "update_for" : "remove_from";
    return told("member", "Member Hook", {
      event_name: `user_${event}_group`,
      group_id: group.id,
      group_name: group.name,
      group_path: group.path,
      user_id: member.userId,
      user_name: user?.name ?? "",
      user_username: user?.username ?? "",
      user_email: "[REDACTED]",
      group_access: accessNames[member.accessLevel] ?? "Guest",
      expires_at: member.expiresAt,
    });
  }
  if (what === "updated") return undefined;
  if (row.kind === "project") {
    const { project, path } = row.record as { project: ProjectRecord; path: string };
    return told("project", "Project Hook", {
      event_name: name("project_create", "project_destroy"),
      name: project.name,
      path: project.path,
      path_with_namespace: path,
      project_id: project.id,
      project_namespace_id: project.namespaceId,
      project_visibility: project.visibility,
    });
  }
  const { group: subgroup, path } = row.record as { group: GroupRecord; path: string };
  return told("subgroup", "Subgroup Hook", {
    event_name: name("subgroup_create", "subgroup_destroy"),
    name: subgroup.name,
    path: subgroup.path,
    full_path: path,
    group_id: subgroup.id,
    parent_group_id: subgroup.parentId,
    parent_name: group.name,
    parent_path: group.path,
  });
}

const accessNames: Readonly<Record<number, string>> = {
  10: "Guest",
  15: "Planner",
  20: "Reporter",
  30: "Developer",
  40: "Maintainer",
  50: "Owner",
};
