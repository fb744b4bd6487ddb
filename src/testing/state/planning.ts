import type { IssueRecord, LabelRecord, MergeRequestRecord, MilestoneRecord } from "./issuable-records.js";
import type { JobRecord, PipelineRecord } from "./pipeline-records.js";

type Kind = "label" | "milestone" | "issue" | "merge_request" | "note" | "pipeline" | "job" | "runner" | "suggestion";

/** Global ids start far from any iid, and each kind in a range of its own: a mix-up shows at a glance. */
const firstIds: Readonly<Record<Kind, number>> = {
  label: 31_204_501,
  milestone: 4_370_201,
  issue: 81_234_501,
  merge_request: 274_310_401,
  note: 1_702_300_101,
  pipeline: 1_190_400_301,
  job: 1_510_020_701,
  runner: 12_270_801,
  suggestion: 5_610_301,
};

/** What projects plan, review and run: everything of the emulator's state that has to do with work in progress. */
export class Planning {
  readonly labels: LabelRecord[] = [];
  readonly milestones: MilestoneRecord[] = [];
  readonly issues: IssueRecord[] = [];
  readonly mergeRequests: MergeRequestRecord[] = [];
  readonly pipelines: PipelineRecord[] = [];
  readonly #lastIds = new Map<string, number>();

  /** The next global id of a kind. Ids grow by uneven steps, since other projects take some in between. */
  nextId(kind: Kind): number {
    const last = this.#lastIds.get(kind);
    const next = last === undefined ? firstIds[kind] : last + 1 + (last % 7);
    this.#lastIds.set(kind, next);
    return next;
  }

  /** The next number of a kind within a project. A deleted one is not given out again. */
  nextIid(kind: Kind, projectId: number): number {
    const key = `${kind} of ${String(projectId)}`;
    const next = (this.#lastIds.get(key) ?? 0) + 1;
    this.#lastIds.set(key, next);
    return next;
  }

  /** Records that an iid was chosen by the caller, so that it is not given out again. */
  reserveIid(kind: Kind, projectId: number, iid: number): void {
    const key = `${kind} of ${String(projectId)}`;
    this.#lastIds.set(key, Math.max(iid, this.#lastIds.get(key) ?? 0));
  }

  labelsOf(projectId: number): LabelRecord[] {
    return this.labels.filter((label) => label.projectId === projectId);
  }

  milestonesOf(projectId: number): MilestoneRecord[] {
    return this.milestones.filter((milestone) => milestone.projectId === projectId);
  }

  issue(projectId: number, iid: number): IssueRecord | undefined {
    return this.issues.find((issue) => issue.projectId === projectId && issue.iid === iid);
  }

  mergeRequest(projectId: number, iid: number): MergeRequestRecord | undefined {
    return this.mergeRequests.find((item) => item.projectId === projectId && item.iid === iid);
  }

  milestone(id: number | null): MilestoneRecord | undefined {
    return this.milestones.find((milestone) => milestone.id === id);
  }

  pipeline(projectId: number, id: number): PipelineRecord | undefined {
    return this.pipelines.find((pipeline) => pipeline.projectId === projectId && pipeline.id === id);
  }

  job(projectId: number, id: number): JobRecord | undefined {
    for (const pipeline of this.pipelines) {
      if (pipeline.projectId !== projectId) continue;
      const job = pipeline.jobs.find((candidate) => candidate.id === id);
      if (job !== undefined) return job;
    }
    return undefined;
  }

  /** The newest pipeline of a branch. */
  latestPipeline(projectId: number, ref: string, sha?: string): PipelineRecord | undefined {
    return this.pipelines.findLast(
      (pipeline) =>
        pipeline.projectId === projectId && pipeline.ref === ref && (sha === undefined || pipeline.sha === sha),
    );
  }

  /** Forgets everything of a project, as deleting it does. */
  forgetProject(projectId: number): void {
    const drop = <T extends { readonly projectId: number }>(list: T[]): void => {
      const kept = list.filter((item) => item.projectId !== projectId);
      list.splice(0, list.length, ...kept);
    };
    drop(this.labels);
    drop(this.milestones);
    drop(this.issues);
    drop(this.mergeRequests);
    drop(this.pipelines);
  }
}
