import type { Visibility } from "../state/records.js";

/** A comment: who wrote what. */
export interface SeedNote {
  readonly author: string;
  readonly body: string;
}

/** What issues and merge requests have alike. People are named by their usernames. */
export interface SeedIssuable {
  readonly title: string;
  readonly description?: string;
  readonly author?: string;
  readonly assignees?: readonly string[];
  readonly labels?: readonly string[];
  readonly milestone?: string;
  readonly state?: string;
  readonly notes?: readonly SeedNote[];
}

/** An issue of a seed. */
export interface SeedIssue extends SeedIssuable {
  readonly confidential?: boolean;
}

/** A merge request of a seed; its branches have to be in the project's `branches`. */
export interface SeedMergeRequest extends SeedIssuable {
  readonly source_branch: string;
  readonly target_branch?: string;
  readonly reviewers?: readonly string[];
}

/** A project of a seed. */
export interface SeedProject {
  /** Full path; its groups are made where they are missing. */
  readonly path: string;
  readonly name?: string;
  readonly description?: string;
  readonly visibility?: Visibility;
  /** Access levels by username. */
  readonly members?: Readonly<Record<string, number>>;
  readonly default_branch?: string;
  /** The files of each branch, by path; the default branch first. Binary files are left out of snapshots. */
  readonly branches?: Readonly<Record<string, Readonly<Record<string, string>>>>;
  readonly labels?: readonly { readonly name: string; readonly color?: string; readonly description?: string }[];
  readonly milestones?: readonly {
    readonly title: string;
    readonly due_date?: string;
    readonly state?: "active" | "closed";
  }[];
  readonly issues?: readonly SeedIssue[];
  readonly merge_requests?: readonly SeedMergeRequest[];
  /** Pipelines by the project's `.gitlab-ci.yml`, run to their end; named jobs fail. */
  readonly pipelines?: readonly { readonly ref: string; readonly failed?: readonly string[] }[];
  readonly variables?: Readonly<Record<string, string>>;
  /** Branches, tags or commits by the names of the tags that mark them. */
  readonly tags?: Readonly<Record<string, string>>;
  readonly releases?: readonly SeedRelease[];
  /** What the emulator declares as data, by resource: `environments`, `wikis`, `feature_flags`, `badges` … */
  readonly resources?: SeedResources;
}

/** A release of a seed; its tag is made from the default branch where `tags` has not got it. */
export interface SeedRelease {
  readonly tag_name: string;
  readonly name?: string;
  readonly description?: string;
  readonly author?: string;
  readonly milestones?: readonly string[];
}

/** Records by resource: who wrote them, and what, by the API's own names. Tokens and secrets are left out. */
export type SeedResources = Readonly<
  Record<string, readonly { readonly author?: string; readonly values: Readonly<Record<string, unknown>> }[]>
>;

/** What an emulator begins with, as data: to be kept as YAML or JSON. */
export interface EmulatorSeed {
  readonly users?: readonly { readonly username: string; readonly name?: string; readonly admin?: boolean }[];
  readonly groups?: readonly {
    readonly path: string;
    readonly name?: string;
    readonly visibility?: Visibility;
    readonly members?: Readonly<Record<string, number>>;
    readonly resources?: SeedResources;
  }[];
  readonly projects?: readonly SeedProject[];
}
