import type { MemberRecord } from "../../state/records.js";
import { userBasic, userById } from "../users/user-entity.js";
import type { GitLabState } from "../../state/gitlab-state.js";

export const memberEntity = (gitlab: GitLabState, member: MemberRecord): Record<string, unknown> => ({
  ...userBasic(gitlab, gitlab.user(member.userId)),
  access_level: member.accessLevel,
  created_at: member.createdAt.toISOString(),
  created_by: userById(gitlab, member.createdById),
  expires_at: member.expiresAt,
  group_saml_identity: null,
  group_scim_identity: null,
  member_role: null,
  membership_state: "active",
});

/** Makes somebody a member. */
export function addMember(
  gitlab: GitLabState,
  members: MemberRecord[],
  userId: number,
  accessLevel: number,
  by: number | null = null,
  expiresAt: string | null = null,
  createdAt: Date = gitlab.now(),
): MemberRecord {
  const member = { id: gitlab.nextId("member"), userId, accessLevel, expiresAt, createdById: by, createdAt };
  members.push(member);
  return member;
}
