import type { Visibility } from "../state/records.js";

/** A comment: who wrote what. */
export interface SeedNote {
  readonly author: string;
  readonly body: string;
  readonly internal?: boolean;
  /** Which of the notes begins the thread that it belongs to, counted from 0. */
  readonly thread?: number;
  /** Whose yes ended the thread. */
  readonly resolved_by?: string;
}

/** What issues and merge requests have alike. People are named by their usernames. */
export interface SeedIssuable {
  /** Its number; the next one unless given. */
  readonly iid?: number;
  readonly title: string;
  readonly description?: string;
  readonly author?: string;
  readonly assignees?: readonly string[];
  readonly labels?: readonly string[];
  readonly milestone?: string;
  readonly state?: string;
  readonly notes?: readonly SeedNote[];
  readonly discussion_locked?: boolean;
  /** Seconds. */
  readonly time_estimate?: number;
  /** Seconds. */
  readonly time_spent?: number;
  /** Reactions and drafts. */
  readonly resources?: SeedResources;
}

/** An issue of a seed, or an epic. */
export interface SeedIssue extends SeedIssuable {
  readonly confidential?: boolean;
  readonly due_date?: string;
  readonly start_date?: string;
  /** Default `issue`. */
  readonly type?: string;
  readonly severity?: string;
  readonly weight?: number;
  readonly health_status?: string;
  /** What it hangs under, such as `shop/web#3` or `shop&1`. */
  readonly parent?: string;
  /** `To do`, `In progress` … where it is not the one that its state stands for. */
  readonly status?: string;
  /** The title of a cadence and the number of its iteration: `Sprints 2`. */
  readonly iteration?: string;
  readonly color?: string;
  /** Values of the fields that its top-level group has in `resources.custom_fields`, by their names. */
  readonly custom_fields?: Readonly<Record<string, string | number | readonly string[]>>;
  readonly progress?: { readonly current: number; readonly start: number; readonly end: number };
  /** Links to others, each said once. */
  readonly links?: readonly { readonly to: string; readonly type: string }[];
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
  /** Who made it; else the owner of its namespace, or the first user. */
  readonly creator?: string;
  readonly starred_by?: readonly string[];
  readonly archived?: boolean;
  /** Attributes by the API's own names. */
  readonly settings?: Readonly<Record<string, unknown>>;
  readonly labels?: readonly {
    readonly name: string;
    readonly color?: string;
    readonly description?: string;
    readonly priority?: number;
    readonly archived?: boolean;
  }[];
  readonly milestones?: readonly {
    readonly title: string;
    readonly description?: string;
    readonly start_date?: string;
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
export type SeedResources = Readonly<Record<string, readonly SeedRecord[]>>;

/** One of them, with what belongs to it, such as the variables of a schedule. */
export interface SeedRecord {
  readonly author?: string;
  readonly values: Readonly<Record<string, unknown>>;
  readonly resources?: SeedResources;
}

/** A rhythm of iterations. */
export interface SeedCadence {
  readonly title: string;
  readonly description?: string;
  readonly duration_in_weeks: number;
  readonly start_date: string;
  /** How many. */
  readonly iterations: number;
}

/** What an emulator begins with, as data: to be kept as YAML or JSON. */
export interface EmulatorSeed {
  readonly users?: readonly {
    readonly username: string;
    readonly name?: string;
    readonly admin?: boolean;
    readonly email?: string;
    readonly state?: "active" | "blocked" | "deactivated";
    readonly resources?: SeedResources;
  }[];
  readonly groups?: readonly {
    readonly path: string;
    readonly name?: string;
    readonly description?: string;
    readonly visibility?: Visibility;
    readonly members?: Readonly<Record<string, number>>;
    readonly cadences?: readonly SeedCadence[];
    readonly epics?: readonly SeedIssue[];
    readonly resources?: SeedResources;
  }[];
  readonly projects?: readonly SeedProject[];
  /** What belongs to nobody's project, such as personal snippets. */
  readonly resources?: SeedResources;
}
