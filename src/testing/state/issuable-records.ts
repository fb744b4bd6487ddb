/** A label of a project. Issues and merge requests hold labels by name, as people write them. */
export interface LabelRecord {
  readonly id: number;
  readonly projectId: number;
  name: string;
  color: string;
  description: string | null;
  priority: number | null;
  archived: boolean;
}

/** A milestone of a project. */
export interface MilestoneRecord {
  readonly id: number;
  readonly iid: number;
  readonly projectId: number;
  title: string;
  description: string;
  state: "active" | "closed";
  dueDate: string | null;
  startDate: string | null;
  readonly createdAt: Date;
  updatedAt: Date;
}

/** What issues and merge requests have in common. */
export interface IssuableRecord {
  readonly kind: "issue" | "merge_request";
  /** The global id, far from the iid so that one is never mistaken for the other. */
  readonly id: number;
  iid: number;
  readonly projectId: number;
  title: string;
  description: string | null;
  authorId: number;
  assigneeIds: number[];
  labels: string[];
  milestoneId: number | null;
  createdAt: Date;
  updatedAt: Date;
  closedAt: Date | null;
  closedById: number | null;
  discussionLocked: boolean | null;
  timeEstimate: number;
  timeSpent: number;
  upvotes: number;
  downvotes: number;
  subscriberIds: number[];
  readonly notes: NoteRecord[];
}

/** An issue. */
export interface IssueRecord extends IssuableRecord {
  readonly kind: "issue";
  state: "opened" | "closed";
  confidential: boolean;
  dueDate: string | null;
  startDate: string | null;
  issueType: "issue" | "incident" | "test_case" | "requirement" | "task" | "ticket";
  severity: "UNKNOWN" | "LOW" | "MEDIUM" | "HIGH" | "CRITICAL";
  weight: number | null;
  healthStatus: "on_track" | "needs_attention" | "at_risk" | null;
}

type Made = "kind" | "id" | "iid" | "projectId" | "authorId";

/** What an issue, an epic and a merge request have before anything is written into them. */
export const blankIssuable = (createdAt: Date): Omit<IssuableRecord, Made> => ({
  title: "",
  description: null,
  assigneeIds: [],
  labels: [],
  milestoneId: null,
  createdAt,
  updatedAt: createdAt,
  closedAt: null,
  closedById: null,
  discussionLocked: null,
  timeEstimate: 0,
  timeSpent: 0,
  upvotes: 0,
  downvotes: 0,
  subscriberIds: [],
  notes: [],
});

/** The same of an issue or an epic. */
export const blankIssue = (createdAt: Date): Omit<IssueRecord, Exclude<Made, "kind"> | "issueType"> => ({
  ...blankIssuable(createdAt),
  kind: "issue",
  state: "opened",
  confidential: false,
  dueDate: null,
  startDate: null,
  severity: "UNKNOWN",
  weight: null,
  healthStatus: null,
});

/** An approval of a merge request. */
export interface ApprovalRecord {
  readonly userId: number;
  readonly approvedAt: Date;
}

/** A merge request. */
export interface MergeRequestRecord extends IssuableRecord {
  readonly kind: "merge_request";
  state: "opened" | "closed" | "merged" | "locked";
  sourceBranch: string;
  targetBranch: string;
  readonly sourceProjectId: number;
  reviewerIds: number[];
  approvals: ApprovalRecord[];
  approvalsRequired: number;
  removeSourceBranch: boolean;
  squash: boolean;
  allowCollaboration: boolean;
  mergeAfter: Date | null;
  autoMerge: boolean;
  mergeUserId: number | null;
  mergedAt: Date | null;
  mergeCommitSha: string | null;
  squashCommitSha: string | null;
  mergeError: string | null;
  /** Base, start and head, kept when the merge request is merged or closed and its branches may go. */
  /** What it compared when its source branch was removed. */
  lastRefs: { readonly base: string; readonly start: string; readonly head: string } | null;
  /** What reviewers have said, by their ids: `reviewed`, `requested_changes`. */
  readonly reviewStates: Map<number, string>;
  /** When GitLab last began to check whether it can be merged. */
  checkedAt: Date;
  frozenRefs: { readonly base: string; readonly start: string; readonly head: string } | null;
}

/** A change that a comment suggests for the lines it stands at. */
export interface SuggestionRecord {
  readonly id: number;
  readonly fromLine: number;
  readonly toLine: number;
  readonly fromContent: string;
  readonly toContent: string;
  applied: boolean;
}

/** Where in a diff a comment stands, by the API's own names. */
export interface DiffPosition {
  readonly base_sha: string;
  readonly start_sha: string;
  readonly head_sha: string;
  readonly position_type: string;
  readonly old_path: string;
  readonly new_path: string;
  readonly old_line: number | null;
  readonly new_line: number | null;
  readonly [name: string]: unknown;
}

/** A comment, or a system note about a change. */
export interface NoteRecord {
  readonly id: number;
  readonly authorId: number;
  body: string;
  readonly system: boolean;
  internal: boolean;
  readonly type: "DiscussionNote" | "DiffNote" | null;
  readonly resolvable: boolean;
  /** The thread that it belongs to. */
  readonly discussionId: string;
  /** Where in a diff it stands. */
  readonly position: DiffPosition | null;
  readonly lineCode: string | null;
  suggestions: SuggestionRecord[];
  resolvedById: number | null;
  resolvedAt: Date | null;
  readonly createdAt: Date;
  updatedAt: Date;
}

/** Whether a title says draft, in any of the spellings that GitLab accepts. */
export const isDraftTitle = (title: string): boolean => draftPrefix.test(title);

/** A title without its draft prefix. */
export const withoutDraft = (title: string): string => title.replace(draftPrefix, "");

const draftPrefix = /^(?:\s*(?:\[draft\]|\(draft\)|draft:))+\s*/i;
