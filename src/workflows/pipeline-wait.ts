import type { PipelineWaitInput } from "../../generated/tools/pipelines.js";
import { mergeObstacles, withTools } from "../errors/merge-status.js";
import type { ToolData } from "../tools/registry-types.js";
import { findPipeline, type Pipeline } from "./find-pipeline.js";
import { poll, type PollState } from "./poll.js";
import type { Steps, Workflow } from "./workflow.js";

/** How a wait ended. */
export interface PipelineWaited {
  /** Whether there is an end: false where the time was up before. */
  readonly done: boolean;
  /** The pipeline's status, or the merge request's `detailed_merge_status`. */
  readonly status: string;
  readonly waited_seconds: number;
  readonly pipeline?: { readonly id: number; readonly status: string; readonly web_url: string };
  readonly merge_request?: { readonly iid: number; readonly state: string; readonly web_url: string };
  /** What stands in the way of a merge. */
  readonly why?: string;
  /** What to call next. */
  readonly next: string;
}

type Seen = Omit<PipelineWaited, "done" | "waited_seconds">;

/** Nothing more happens by itself; `manual` waits for a person: https://docs.gitlab.com/api/pipelines/ */
const ends = new Set(["success", "failed", "canceled", "skipped", "manual"]);
/** So often GitLab is asked whether it has checked yet: on an idle merge request that can last. */
const mostUnchecked = 6;

/** Waits for a pipeline to end, or for a merge request to be one that can be merged; or until the time is up. */
export const run: Workflow<PipelineWaitInput, PipelineWaited> = async (steps, input) => {
  const { max_seconds = Infinity, merge_request_iid } = input;
  const { look, last } =
    merge_request_iid === undefined ? await pipelineLook(steps, input) : mergeLook(steps, input, merge_request_iid);
  const { result, seconds } = await poll(steps, max_seconds * 1000, look);
  const seen = result ?? last();
  if (!seen) return { done: false, status: "unknown", waited_seconds: seconds, next: again(input) };
  return { done: result !== undefined, ...seen, waited_seconds: seconds, ...(!result && { next: again(input, seen) }) };
};

interface Watch {
  readonly look: () => Promise<PollState<Seen>>;
  /** What was seen last. */
  readonly last: () => Seen | undefined;
}

async function pipelineLook(steps: Steps, input: PipelineWaitInput): Promise<Watch> {
  const first = await findPipeline(steps, input);
  const { project_id } = first;
  const pipeline_id = first.pipeline.id;
  let pipeline: Pipeline = first.pipeline;
  let fresh = true;
  return {
    async look() {
      if (!fresh) pipeline = await steps.read("gitlab_pipeline_get", { project_id, pipeline_id });
      fresh = false;
      if (ends.has(pipeline.status)) return { done: true, result: seenOf(pipeline) };
      return { done: false, says: `pipeline ${pipeline_id} is ${pipeline.status}` };
    },
    last: () => seenOf(pipeline),
  };
}

const brief = ({ id, status, web_url }: Pipeline) => ({ id, status, web_url });

const seenOf = (pipeline: Pipeline): Seen => ({
  status: pipeline.status,
  pipeline: brief(pipeline),
  next: afterPipeline(pipeline),
});

function afterPipeline({ id, status }: Pipeline): string {
  switch (status) {
    case "success":
      return "It has passed.";
    case "failed":
      return `gitlab_pipeline_diagnose with pipeline_id ${id} says why.`;
    case "canceled":
      return `Somebody has stopped it: gitlab_pipeline_retry with pipeline_id ${id} runs it again.`;
    case "manual":
      return "A job waits for a person: gitlab_pipeline_jobs_list with scope manual shows it, gitlab_job_play starts it.";
    default:
      return "It ran no job.";
  }
}

type WatchedMergeRequest = ToolData<"gitlab_merge_request_get">;

function mergeLook(steps: Steps, { project_id }: PipelineWaitInput, merge_request_iid: number): Watch {
  let item: WatchedMergeRequest | undefined;
  let unchecked = 0;
  return {
    async look() {
      item = await steps.read("gitlab_merge_request_get", { project_id, merge_request_iid });
      const { detailed_merge_status: status } = item;
      unchecked = status === "unchecked" ? unchecked + 1 : 0;
      if (!passes(item) || unchecked >= mostUnchecked) return { done: true, result: mergeSeen(item) };
      return { done: false, says: `!${merge_request_iid}: ${mergeObstacles[status]?.why ?? status}` };
    },
    last: () => item && mergeSeen(item),
  };
}

const waiting = new Set([
  "ci_still_running",
  "status_checks_must_pass",
  "external_status_checks",
  "security_policy_pipeline_check",
  "merge_time",
]);

/** Whether what stands in the way goes by itself. */
function passes({ state, detailed_merge_status: status, head_pipeline }: WatchedMergeRequest): boolean {
  if (state !== "opened" && state !== "locked") return false;
  if (state === "locked" || waiting.has(status)) return true;
  // GitLab asks for a pipeline that has passed, and one is under way.
  if (status === "ci_must_pass") return head_pipeline ? !ends.has(head_pipeline.status) : false;
  return mergeObstacles[status]?.passes ?? false;
}

const tools = {
  merge_request: "gitlab_merge_request_get",
  jobs: "gitlab_pipeline_jobs_list",
  log: "gitlab_job_log_get",
  branch: "gitlab_branch_get",
  comments: "gitlab_merge_request_notes_list",
  update: "gitlab_merge_request_update",
  approvals: "gitlab_merge_request_approvals_get",
};

function mergeSeen({
  iid,
  state,
  web_url,
  detailed_merge_status: status,
  head_pipeline: pipeline,
  sha,
}: WatchedMergeRequest): Seen {
  const obstacle = mergeObstacles[status];
  const open = state === "opened";
  return {
    status: open ? status : state,
    merge_request: { iid, state, web_url },
    ...(pipeline && { pipeline: brief(pipeline) }),
    ...(open && obstacle && { why: obstacle.why }),
    next: !open
      ? `It is ${state}.`
      : status === "mergeable"
        ? `gitlab_merge_request_merge with sha ${sha} merges it.`
        : status === "unchecked"
          ? "GitLab does not check it by itself now: gitlab_merge_request_merge tries, and says what stands in the way."
          : pipeline?.status === "failed" && status.startsWith("ci_")
            ? `gitlab_pipeline_diagnose with merge_request_iid ${iid} says why its pipeline failed.`
            : withTools(obstacle?.hint ?? "Call {merge_request} and read detailed_merge_status.", tools),
  };
}

function again({ merge_request_iid }: PipelineWaitInput, seen?: Seen): string {
  const which =
    merge_request_iid === undefined
      ? `pipeline_id ${seen?.pipeline?.id ?? ""}`
      : `merge_request_iid ${merge_request_iid}`;
  return `The time is up, not the work: call gitlab_pipeline_wait again with ${which}.`;
}
