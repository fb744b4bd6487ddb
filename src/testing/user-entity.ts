import { createHash } from "node:crypto";
import type { UserRecord } from "./records.js";
import type { World } from "./world.js";

/** The six fields of a person wherever one appears: authors, assignees, members. */
export interface UserBasicEntity {
  readonly id: number;
  readonly username: string;
  readonly public_email: string;
  readonly name: string;
  readonly state: string;
  readonly locked: boolean;
  readonly avatar_url: string;
  readonly web_url: string;
}

export function userBasic(world: World, user: UserRecord): UserBasicEntity {
  return {
    id: user.id,
    username: user.username,
    public_email: user.publicEmail,
    name: user.name,
    state: user.state,
    locked: false,
    avatar_url: avatarUrl(user),
    web_url: `${world.baseUrl}/${user.username}`,
  };
}

/** Presents a user by id; null stays null. */
export const userById = (world: World, id: number | null): UserBasicEntity | null =>
  id === null ? null : userBasic(world, world.user(id));

export const avatarUrl = (user: UserRecord): string =>
  `https://secure.gravatar.com/avatar/${createHash("sha256").update(user.email).digest("hex")}?s=80&d=identicon`;
