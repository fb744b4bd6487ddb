import type { UserRecord } from "./records.js";
import type { World } from "./world.js";

/** Options of a new user. */
export interface UserOptions {
  readonly username: string;
  readonly name?: string;
  /** Whether the user has passed GitLab.com's identity verification. Default true. */
  readonly verified?: boolean;
  readonly admin?: boolean;
  readonly createdAt?: Date;
}

/** Adds a user with a namespace of their own. */
export function createUser(world: World, options: UserOptions): UserRecord {
  const { username } = options;
  if (world.userByName(username) !== undefined) throw new Error(`The emulator already has a user "${username}"`);
  const now = world.now();
  const createdAt = options.createdAt ?? now;
  const user: UserRecord = {
    id: world.nextId("user"),
    namespaceId: world.nextId("namespace"),
    username,
    name: options.name ?? username.charAt(0).toUpperCase() + username.slice(1),
    email: `${username}@example.com`,
    publicEmail: "",
    state: "active",
    refusal: "Your account has been blocked.",
    admin: options.admin ?? false,
    verified: options.verified ?? true,
    bot: false,
    bio: "",
    location: "",
    jobTitle: "",
    organization: "",
    lastActivityOn: now.toISOString().slice(0, 10),
    lastSignInAt: now,
    createdAt,
    updatedAt: createdAt,
  };
  world.users.set(user.id, user);
  return user;
}
