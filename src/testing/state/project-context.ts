import type { IssuableRecord } from "./issuable-records.js";
import type { Planning } from "./planning.js";
import { role, type ProjectRecord } from "./records.js";
import type { GitLabState } from "./gitlab-state.js";

/** One person at work in one project. */
export interface ProjectContext {
  readonly gitlab: GitLabState;
  readonly project: ProjectRecord;
  readonly planning: Planning;
  readonly now: Date;
  readonly projectId: number;
  /** `acme/app`. */
  readonly fullPath: string;
  /** The project's page, without a slash at the end. */
  readonly webUrl: string;
  /** The project in the API, by number. */
  readonly apiUrl: string;
  /** The caller's user id; 0 for nobody. */
  readonly me: number;
  /** The caller's access level in the project; administrators have the owner's. */
  readonly level: number;
  /** Whether the namespace's plan is Premium or Ultimate. */
  readonly premium: boolean;
  readonly userId: (username: string) => number | undefined;
  readonly username: (id: number) => string;
  /** Whether a user may be assigned or asked to review. */
  readonly isMember: (id: number) => boolean;
  /** The person as a `UserBasic` entity. */
  readonly person: (id: number) => Readonly<Record<string, unknown>>;
}

/** Whether the caller may see an issue: a confidential one is for its people and for planners and up. */
export function maySee(context: ProjectContext, item: IssuableRecord & { readonly confidential?: boolean }): boolean {
  if (item.confidential !== true || context.level >= role.planner) return true;
  return item.authorId === context.me || item.assigneeIds.includes(context.me);
}
