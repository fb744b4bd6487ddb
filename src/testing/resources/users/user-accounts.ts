import type { UserRecord } from "../../state/records.js";
import type { GitLabState } from "../../state/gitlab-state.js";

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
export function createUser(gitlab: GitLabState, options: UserOptions): UserRecord {
  const { username } = options;
  if (gitlab.userByName(username) !== undefined) throw new Error(`The emulator already has a user "${username}"`);
  const now = gitlab.now();
  const createdAt = options.createdAt ?? now;
  const user: UserRecord = {
    id: gitlab.nextId("user"),
    namespaceId: gitlab.nextId("namespace"),
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
  gitlab.users.set(user.id, user);
  return user;
}
