import { createHash } from "node:crypto";
import type { UserRecord } from "../../state/records.js";
import type { GitLabState } from "../../state/gitlab-state.js";

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

export function userBasic(gitlab: GitLabState, user: UserRecord): UserBasicEntity {
  return {
    id: user.id,
    username: user.username,
    public_email: user.publicEmail,
    name: user.name,
    state: user.state,
    locked: false,
    avatar_url: avatarUrl(user),
    web_url: `${gitlab.baseUrl}/${user.username}`,
  };
}

/** Presents a user by id; null stays null. */
export const userById = (gitlab: GitLabState, id: number | null): UserBasicEntity | null =>
  id === null ? null : userBasic(gitlab, gitlab.user(id));

export const avatarUrl = (user: UserRecord): string => gravatar(user.email);

const gravatars = new Map<string, string>();

function gravatar(email: string): string {
  const known = gravatars.get(email);
  if (known !== undefined) return known;
  if (gravatars.size >= 1000) gravatars.clear();
  const url = `https://secure.gravatar.com/avatar/${createHash("sha256").update(email).digest("hex")}?s=80&d=identicon`;
  gravatars.set(email, url);
  return url;
}

/** What people tell about themselves on their profile page. */
export function userProfile(gitlab: GitLabState, user: UserRecord): Record<string, unknown> {
  const work = [user.jobTitle, user.organization].filter((part) => part !== "").join(" at ");
  return {
    ...userBasic(gitlab, user),
    created_at: user.createdAt.toISOString(),
    bio: user.bio,
    location: user.location,
    linkedin: "",
    twitter: "",
    discord: "",
    website_url: "",
    github: "",
    job_title: user.jobTitle,
    pronouns: null,
    organization: user.organization,
    bot: user.bot,
    work_information: work === "" ? null : work,
    followers: 0,
    following: 0,
    is_followed: false,
    local_time: null,
  };
}

/** What people see of their own account. */
export function userPublic(gitlab: GitLabState, user: UserRecord): Record<string, unknown> {
  return {
    ...userProfile(gitlab, user),
    last_sign_in_at: user.lastSignInAt?.toISOString() ?? null,
    confirmed_at: user.createdAt.toISOString(),
    last_activity_on: user.lastActivityOn,
    email: user.email,
    theme_id: 3,
    color_scheme_id: 1,
    projects_limit: 100_000,
    current_sign_in_at: user.lastSignInAt?.toISOString() ?? null,
    identities: [],
    can_create_group: true,
    can_create_project: true,
    two_factor_enabled: true,
    external: false,
    private_profile: false,
    commit_email: user.email,
    preferred_language: "en",
    shared_runners_minutes_limit: null,
    extra_shared_runners_minutes_limit: null,
    scim_identities: [],
  };
}

/** What administrators see of everybody, themselves included. */
export const userForAdmins = (gitlab: GitLabState, user: UserRecord): Record<string, unknown> => ({
  ...userPublic(gitlab, user),
  is_admin: user.admin,
  note: null,
  namespace_id: user.namespaceId,
});
