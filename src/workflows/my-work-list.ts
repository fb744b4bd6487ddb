import type { MyWorkListInput } from "../../generated/tools/todos.js";
import type { ToolData } from "../tools/registry-types.js";
import { estimateTokens } from "../views/estimate.js";
import { fewAtOnce } from "./few-at-once.js";
import { orWarn } from "./or-warn.js";
import type { Workflow } from "./workflow.js";

/** What waits for a person, the most urgent of each kind first. */
export interface MyWork {
  readonly summary: string;
  /** Merge requests of others that want a review. */
  readonly to_review?: readonly Review[];
  /** Own and assigned merge requests. */
  readonly my_merge_requests?: readonly OwnMergeRequest[];
  readonly assigned_issues?: readonly AssignedIssue[];
  /** To-dos about other things than those above. */
  readonly todos?: readonly Todo[];
  /** What to call for one of them. */
  readonly next: string;
}

export interface Review {
  readonly title: string;
  readonly web_url: string;
  readonly author: string;
  readonly draft?: true;
}

export interface OwnMergeRequest {
  readonly title: string;
  readonly web_url: string;
  /** `detailed_merge_status`: what stands in the way of a merge. */
  readonly status: string;
  /** Whether the next step is the person's own. */
  readonly waits_for: "you" | "others";
  /** Where its pipeline has failed. */
  readonly failed_pipeline_id?: number;
}

export interface AssignedIssue {
  readonly title: string;
  readonly web_url: string;
  readonly due_date?: string;
}

export interface Todo {
  readonly action: string;
  readonly title: string;
  readonly web_url: string;
}

/** So many of each kind are asked for, looked at, and shown at the most. */
const asked = 20;
const looked = 6;
const shown = 6;
/** What all of it may take, estimated; the markers around titles, where a policy wants them, come on top. */
const mostTokens = 1_450;

type ListedMergeRequest = ToolData<"gitlab_all_merge_requests_list">[number];
type ListedIssue = ToolData<"gitlab_all_issues_list">[number];

/** What is assigned, what wants a review, how the own merge requests are, and what the to-do list has beside these. */
export const run: Workflow<MyWorkListInput, MyWork> = async (steps) => {
  const { username } = await steps.read("gitlab_current_user_get", {});
  const page = { state: "opened", per_page: asked, order_by: "updated_at" } as const;
  const listed = { listed: true } as const;
  const [reviews, written, assigned, issues, todos] = await Promise.all([
    steps.read("gitlab_all_merge_requests_list", { ...page, scope: "all", reviewer_username: username }, listed),
    steps.read("gitlab_all_merge_requests_list", { ...page, scope: "created_by_me" }, listed),
    steps.read("gitlab_all_merge_requests_list", { ...page, scope: "assigned_to_me" }, listed),
    steps.read("gitlab_all_issues_list", { ...page, scope: "assigned_to_me" }, listed),
    steps.read("gitlab_todos_list", { state: "pending", per_page: asked }, listed),
  ]);
  const own = [...new Map([...written, ...assigned].map((item) => [item.web_url, item])).values()];
  const details = await fewAtOnce(own.slice(0, looked), 3, async (item) => {
    const { project_id, iid, references } = item;
    const place = { project_id, merge_request_iid: iid };
    const whole = await orWarn(steps, references.full, () => steps.read("gitlab_merge_request_get", place));
    return ownMergeRequest(item, whole);
  });
  const known = new Set([...reviews, ...own, ...issues].map(({ web_url }) => web_url));
  return compose({
    to_review: reviews.toSorted((a, b) => Number(a.draft) - Number(b.draft)).map(reviewOf),
    my_merge_requests: details.toSorted((a, b) => urgency(a) - urgency(b)),
    assigned_issues: issues.toSorted(byDueDate).map(issueOf),
    todos: todos.map(todoOf).filter((todo) => !known.has(todo.web_url.replace(/#.*$/, ""))),
    counts: { reviews: reviews.length, own: own.length, issues: issues.length, todos: todos.length },
    today: new Date(steps.now()).toISOString().slice(0, 10),
  });
};

/** What only the author, or whoever it is assigned to, can do something about. */
const forYou = new Set([
  ...["draft_status", "conflict", "need_rebase", "discussions_not_resolved", "requested_changes", "ci_must_pass"],
  ...["mergeable", "commits_status", "title_regex", "jira_association_missing"],
]);

function ownMergeRequest(
  { title, web_url, detailed_merge_status }: ListedMergeRequest,
  whole: ToolData<"gitlab_merge_request_get"> | undefined,
): OwnMergeRequest {
  const pipeline = whole?.head_pipeline;
  const failed = pipeline?.status === "failed";
  const status = whole?.detailed_merge_status ?? detailed_merge_status;
  return {
    ...{ title: short(title), web_url, status },
    waits_for: failed || forYou.has(status) ? "you" : "others",
    ...(failed && { failed_pipeline_id: pipeline.id }),
  };
}

const urgency = ({ failed_pipeline_id, waits_for, status }: OwnMergeRequest): number =>
  failed_pipeline_id !== undefined ? 0 : waits_for === "others" ? 3 : status === "draft_status" ? 2 : 1;

const reviewOf = ({ title, web_url, author, draft }: ListedMergeRequest): Review => ({
  ...{ title: short(title), web_url, author: author?.username ?? "" },
  ...(draft && { draft: true }),
});

const issueOf = ({ title, web_url, due_date }: ListedIssue): AssignedIssue => ({
  ...{ title: short(title), web_url },
  ...(due_date && { due_date }),
});

function todoOf({ action_name, target_url, target, body }: ToolData<"gitlab_todos_list">[number]): Todo {
  const title: unknown = target?.title;
  return {
    ...{ action: action_name ?? "", title: short(typeof title === "string" ? title : (body ?? "")) },
    web_url: target_url ?? "",
  };
}

/** Those that are due first; those without a date stay as they were, the last changed first. */
const byDueDate = (a: ListedIssue, b: ListedIssue): number =>
  (a.due_date ?? "9999") < (b.due_date ?? "9999") ? -1 : (a.due_date ?? "9999") > (b.due_date ?? "9999") ? 1 : 0;

interface AllWork extends Required<Omit<MyWork, "summary" | "next">> {
  /** Before anything was left out. */
  readonly counts: { readonly reviews: number; readonly own: number; readonly issues: number; readonly todos: number };
  readonly today: string;
}

/** As many of each kind as fit. */
function compose(found: AllWork): MyWork {
  let most = shown;
  let work = withMost(found, most);
  while (most > 1 && estimateTokens(JSON.stringify(work)) > mostTokens) {
    most -= 1;
    work = withMost(found, most);
  }
  return work;
}

function withMost(found: AllWork, most: number): MyWork {
  const { to_review, my_merge_requests, assigned_issues, todos } = found;
  const some = <Item>(name: string, items: readonly Item[]) => items.length > 0 && { [name]: items.slice(0, most) };
  return {
    summary: summaryOf(found),
    ...some("to_review", to_review),
    ...some("my_merge_requests", my_merge_requests),
    ...some("assigned_issues", assigned_issues),
    ...some("todos", todos),
    next: my_merge_requests.some(({ failed_pipeline_id }) => failed_pipeline_id !== undefined)
      ? "gitlab_pipeline_diagnose says why a pipeline failed; the lists of merge requests, issues and to-dos have the rest."
      : "The lists of merge requests, issues and to-dos have the rest.",
  };
}

function summaryOf({ counts, my_merge_requests, assigned_issues, today }: AllWork): string {
  const own = my_merge_requests.filter(({ waits_for }) => waits_for === "you").length;
  const red = my_merge_requests.filter(({ failed_pipeline_id }) => failed_pipeline_id !== undefined).length;
  const overdue = assigned_issues.filter(({ due_date = "9999" }) => due_date < today).length;
  const parts = [
    `${count(counts.reviews)} to review`,
    `${count(counts.own)} own merge requests (${own} wait for you, ${red} with a failed pipeline)`,
    `${count(counts.issues)} assigned issues (${overdue} overdue)`,
    `${count(counts.todos)} to-dos`,
  ];
  return `${parts.join(", ")}.`;
}

/** A page that is full may not be all. */
const count = (items: number): string => (items >= asked ? `${asked} or more` : String(items));

const short = (title: string): string => (title.length > 90 ? `${title.slice(0, 90)}…` : title);
