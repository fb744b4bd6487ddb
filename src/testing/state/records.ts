import type { Repository } from "../repository/repository.js";

export type Visibility = "private" | "internal" | "public";
export type Plan = "free" | "premium" | "ultimate";

/** GitLab's access levels. */
export const role = {
  minimal: 5,
  guest: 10,
  planner: 15,
  reporter: 20,
  securityManager: 25,
  developer: 30,
  maintainer: 40,
  owner: 50,
} as const;

/** Somebody who can sign in. */
export interface UserRecord {
  readonly id: number;
  /** The id of the user's own namespace. */
  readonly namespaceId: number;
  username: string;
  name: string;
  email: string;
  publicEmail: string;
  state: "active" | "blocked" | "deactivated";
  /** What GitLab tells somebody whose account it refuses: blocked, terms not accepted, an address not allowed, SSO. */
  refusal: string;
  admin: boolean;
  /** Whether the user has passed GitLab.com's identity verification. */
  verified: boolean;
  bot: boolean;
  bio: string;
  location: string;
  jobTitle: string;
  organization: string;
  lastActivityOn: string | null;
  lastSignInAt: Date | null;
  readonly createdAt: Date;
  updatedAt: Date;
}

/** Somebody's role in a group or a project. */
export interface MemberRecord {
  readonly id: number;
  readonly userId: number;
  accessLevel: number;
  expiresAt: string | null;
  readonly createdById: number | null;
  readonly createdAt: Date;
}

/** A group; its id is also the id of its namespace. */
export interface GroupRecord {
  readonly id: number;
  readonly parentId: number | null;
  name: string;
  path: string;
  description: string;
  visibility: Visibility;
  /** The plan of a top-level group on GitLab.com; elsewhere that of the instance counts. */
  plan: Plan | undefined;
  /** Attributes that are kept and answered, by the API's own names. */
  readonly settings: Record<string, unknown>;
  readonly members: MemberRecord[];
  markedForDeletionOn: string | null;
  readonly createdAt: Date;
}

/** A project with its repository. What it plans and runs is in `gitlab.planning`. */
export interface ProjectRecord {
  readonly id: number;
  readonly namespaceId: number;
  name: string;
  path: string;
  description: string | null;
  visibility: Visibility;
  archived: boolean;
  /** Attributes that are kept and answered, by the API's own names. */
  readonly settings: Record<string, unknown>;
  readonly repository: Repository;
  readonly members: MemberRecord[];
  readonly starredBy: Set<number>;
  readonly creatorId: number;
  readonly forkedFromId: number | null;
  markedForDeletionOn: string | null;
  readonly createdAt: Date;
  updatedAt: Date;
  lastActivityAt: Date;
}

/** What a fine-grained token may do in one place. */
export interface GranularScopeRecord {
  readonly of: string | { readonly boundary: "user" | "instance" };
  readonly permissions: readonly string[];
}

/** A personal access token, or the access token of an OAuth grant. */
export interface TokenRecord {
  readonly id: number;
  readonly kind: "personal" | "oauth";
  readonly token: string;
  readonly userId: number;
  readonly name: string;
  readonly scopes: readonly string[];
  /** What a fine-grained token may do, place by place; undefined for a token of the old kind. */
  readonly granular?: readonly GranularScopeRecord[];
  readonly applicationId: number | null;
  readonly createdAt: Date;
  readonly expiresAt: Date | null;
  lastUsedAt: Date | null;
  revoked: boolean;
}

export interface ReleaseLinkRecord {
  readonly id: number;
  readonly name: string;
  readonly url: string;
  readonly linkType: "other" | "runbook" | "image" | "package";
  readonly directAssetPath: string | null;
}

export interface ReleaseRecord {
  readonly projectId: number;
  readonly tagName: string;
  name: string;
  description: string | null;
  readonly authorId: number;
  milestoneIds: number[];
  readonly links: ReleaseLinkRecord[];
  readonly createdAt: Date;
  releasedAt: Date;
}

export interface CommitCommentRecord {
  readonly projectId: number;
  readonly sha: string;
  readonly note: string;
  readonly path: string | null;
  readonly line: number | null;
  readonly lineType: "new" | "old" | null;
  readonly authorId: number;
  readonly createdAt: Date;
}
