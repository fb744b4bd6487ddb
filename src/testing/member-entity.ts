import type { MemberRecord } from "./records.js";
import { userBasic, userById } from "./user-entity.js";
import type { World } from "./world.js";

export const memberEntity = (world: World, member: MemberRecord): Record<string, unknown> => ({
  ...userBasic(world, world.user(member.userId)),
  access_level: member.accessLevel,
  created_at: member.createdAt.toISOString(),
  created_by: userById(world, member.createdById),
  expires_at: member.expiresAt,
  group_saml_identity: null,
  group_scim_identity: null,
  member_role: null,
  membership_state: "active",
});

/** Makes somebody a member. */
export function addMember(
  world: World,
  members: MemberRecord[],
  userId: number,
  accessLevel: number,
  by: number | null = null,
  expiresAt: string | null = null,
  createdAt: Date = world.now(),
): MemberRecord {
  const member = { id: world.nextId("member"), userId, accessLevel, expiresAt, createdById: by, createdAt };
  members.push(member);
  return member;
}
