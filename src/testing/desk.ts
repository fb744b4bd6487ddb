import type { Planning } from "./planning.js";
import type { IssuableRecord, MergeRequestRecord } from "./issuable-records.js";

/** Base (where the branches parted), start (head of the target) and head of a merge request, as in `diff_refs`. */
export interface MergeRequestRefs {
  readonly base: string;
  readonly start: string;
  readonly head: string;
}

/**
 * One person at work in one project: what the rules of issues, merge requests and pipelines need of the rest of the
 * emulator, and no more.
 */
export interface Desk {
  readonly planning: Planning;
  readonly now: Date;
  readonly projectId: number;
  /** `acme/app`. */
  readonly fullPath: string;
  /** The project's page, without a slash at the end. */
  readonly webUrl: string;
  /** The project in the API, by number. */
  readonly apiUrl: string;
  /** The caller's user id. */
  readonly me: number;
  /** The caller's access level in the project; administrators have the owner's. */
  readonly level: number;
  /** Whether the namespace's plan is Premium or Ultimate. */
  readonly premium: boolean;
  readonly userId: (username: string) => number | undefined;
  readonly username: (id: number) => string;
  /** The person as a `UserBasic` entity. */
  readonly person: (id: number) => Readonly<Record<string, unknown>>;
  /** The person as a `User` entity. */
  readonly userEntity: (id: number) => Readonly<Record<string, unknown>>;
  /** A commit of the project as a `Commit` entity. */
  readonly commitEntity: (sha: string) => Readonly<Record<string, unknown>> | null;
  readonly branchHead: (branch: string) => string | undefined;
  readonly refs: (item: MergeRequestRecord) => MergeRequestRefs | undefined;
  readonly mayMerge: (item: MergeRequestRecord) => boolean;
}

/** Whether the caller may see an issue: a confidential one is for its people and for planners and up. */
export function maySee(desk: Desk, item: IssuableRecord & { readonly confidential?: boolean }): boolean {
  return (
    item.confidential !== true || desk.level >= 15 || item.authorId === desk.me || item.assigneeIds.includes(desk.me)
  );
}
