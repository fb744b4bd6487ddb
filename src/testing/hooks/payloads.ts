import { isIssue, isMergeRequest } from "../issuables/issuable-changes.js";
import type { GitLabState } from "../state/gitlab-state.js";
import type { MilestoneRecord } from "../state/issuable-records.js";
import type { JobRecord, PipelineRecord } from "../state/pipeline-records.js";
import type { ProjectRecord, ReleaseRecord, UserRecord } from "../state/records.js";
import type { ResourceRecord } from "../state/resource-records.js";
import { actionOf, changesOf, commitBody, issuable, labels, people, person, projectBody, time } from "./entities.js";
import type { Body, Payload } from "./entities.js";
import { notePayload } from "./note-payload.js";
import { isIssuable, type Happening } from "./rows.js";

const zeros = "0".repeat(40);

/** The payloads of what happened in a project, as GitLab sends them; what it sends nothing about is left out. */
export function projectPayload(
  gitlab: GitLabState,
  project: ProjectRecord,
  happening: Happening,
  actor: UserRecord | undefined,
): Payload | undefined {
  const { row, what, changes } = happening;
  const common = { project: projectBody(gitlab, project) };
  const user = person(gitlab, actor);
  const said = (kind: string, setting: string, header: string, body: Body): Payload => ({
    kind,
    setting,
    header,
    body: { object_kind: kind, ...body },
  });
  switch (row.kind) {
    case "issue": {
      if (what === "removed" || !isIssuable(row.record) || !isIssue(row.record)) return undefined;
      const item = row.record;
      const kind = item.issueType === "issue" || item.issueType === "incident" ? "issue" : "work_item";
      const hidden = item.confidential;
      return said(
        kind,
        hidden ? "confidential_issues_events" : "issues_events",
        `${hidden ? "Confidential " : ""}Issue Hook`,
        {
          event_type: hidden ? "confidential_issue" : kind,
          user,
          ...common,
          object_attributes: { ...issuable(gitlab, project, item), action: actionOf(happening) },
          labels: labels(gitlab, project, item.labels),
          assignees: people(gitlab, item.assigneeIds),
          changes: what === "created" ? {} : changesOf(gitlab, project, changes),
        },
      );
    }
    case "merge_request": {
      if (what === "removed" || !isIssuable(row.record) || !isMergeRequest(row.record)) return undefined;
      const item = row.record;
      const action = actionOf(happening);
      const pushed = action === "update" && typeof changes["head"]?.previous === "string";
      return said("merge_request", "merge_requests_events", "Merge Request Hook", {
        event_type: "merge_request",
        user,
        ...common,
        object_attributes: {
          ...issuable(gitlab, project, item),
          action,
          ...(pushed && { oldrev: changes["head"]?.previous }),
        },
        labels: labels(gitlab, project, item.labels),
        assignees: people(gitlab, item.assigneeIds),
        reviewers: people(gitlab, item.reviewerIds),
        changes: what === "created" ? {} : changesOf(gitlab, project, changes),
      });
    }
    case "note":
      return what === "removed" ? undefined : notePayload(gitlab, project, happening, user);
    case "push":
    case "tag_push": {
      const name = String(row.record);
      const before =
        what === "created" ? zeros : String(what === "removed" ? row.fields["sha"] : changes["sha"]?.previous);
      const after = what === "removed" ? zeros : String(row.fields["sha"]);
      const commits = after === zeros || before === zeros ? [] : project.repository.between(before, after);
      const tag = row.kind === "tag_push";
      return said(row.kind, tag ? "tag_push_events" : "push_events", tag ? "Tag Push Hook" : "Push Hook", {
        event_name: row.kind,
        ref: `refs/${tag ? "tags" : "heads"}/${name}`,
        before,
        after,
        checkout_sha: after === zeros ? null : after,
        user_id: actor?.id ?? 0,
        user_name: actor?.name ?? "",
        user_username: actor?.username ?? "",
        project_id: project.id,
        ...common,
        commits: commits
          .slice(0, 20)
          .reverse()
          .map(({ sha }) => commitBody(gitlab, project, sha)),
        total_commits_count: commits.length,
      });
    }
    case "pipeline": {
      if (what === "removed") return undefined;
      const pipeline = row.record as PipelineRecord;
      return said("pipeline", "pipeline_events", "Pipeline Hook", {
        object_attributes: {
          id: pipeline.id,
          iid: pipeline.iid,
          name: pipeline.name,
          ref: pipeline.ref,
          tag: pipeline.tag,
          sha: pipeline.sha,
          before_sha: pipeline.beforeSha,
          source: pipeline.source,
          status: row.fields["status"],
          created_at: time(pipeline.createdAt),
          finished_at: time(pipeline.finishedAt),
          url: `${gitlab.projectUrl(project)}/-/pipelines/${String(pipeline.id)}`,
        },
        merge_request: null,
        user: person(gitlab, gitlab.users.get(pipeline.userId)),
        ...common,
        commit: commitBody(gitlab, project, pipeline.sha),
        builds: pipeline.jobs.map((job) => ({
          id: job.id,
          name: job.name,
          stage: job.stage,
          status: job.status,
          allow_failure: job.allowFailure,
          failure_reason: job.failureReason,
        })),
      });
    }
    case "build": {
      // A job that waits for its turn is told of when it starts, or when its pipeline is.
      if (what === "removed" || row.fields["status"] === "created") return undefined;
      const job = row.record as JobRecord;
      const pipeline = row.parent as PipelineRecord;
      return said("build", "job_events", "Job Hook", {
        ref: pipeline.ref,
        tag: pipeline.tag,
        sha: pipeline.sha,
        before_sha: pipeline.beforeSha,
        build_id: job.id,
        build_name: job.name,
        build_stage: job.stage,
        build_status: row.fields["status"],
        build_allow_failure: job.allowFailure,
        build_failure_reason: job.failureReason ?? "unknown_failure",
        build_created_at: time(job.createdAt),
        build_started_at: time(job.startedAt),
        build_finished_at: time(job.finishedAt),
        pipeline_id: pipeline.id,
        project_id: project.id,
        project_name: `${gitlab.namespaceName(project.namespaceId)} / ${project.name}`,
        user: person(gitlab, gitlab.users.get(job.userId)),
        // Its id is the pipeline's, whatever the name says.
        commit: { id: pipeline.id, sha: pipeline.sha, status: pipeline.status },
        ...common,
      });
    }
    case "release": {
      const release = row.record as ReleaseRecord;
      return said("release", "releases_events", "Release Hook", {
        id: release.createdAt.getTime() % 1_000_000,
        name: release.name,
        description: release.description,
        tag: release.tagName,
        created_at: time(release.createdAt),
        released_at: time(release.releasedAt),
        url: `${gitlab.projectUrl(project)}/-/releases/${release.tagName}`,
        action: verb(what),
        ...common,
        assets: { count: release.links.length, links: [], sources: [] },
        commit: commitBody(gitlab, project, release.tagName),
      });
    }
    case "milestone": {
      if (what === "removed") return undefined;
      const milestone = row.record as MilestoneRecord;
      return said("milestone", "milestone_events", "Milestone Hook", {
        event_type: "milestone",
        ...common,
        object_attributes: {
          id: milestone.id,
          iid: milestone.iid,
          title: milestone.title,
          state: milestone.state,
          due_date: milestone.dueDate,
          project_id: project.id,
        },
        action: what === "created" ? "create" : milestone.state === "closed" ? "close" : "reopen",
      });
    }
    case "emoji": {
      const award = row.record as ResourceRecord;
      const item = isIssuable(row.parent) ? row.parent : undefined;
      if (item === undefined) return undefined;
      const kind = item.kind === "issue" ? "issue" : "merge_request";
      const action = what === "removed" ? "revoke" : "award";
      return said("emoji", "emoji_events", "Emoji Hook", {
        event_type: action,
        user,
        project_id: project.id,
        ...common,
        object_attributes: {
          id: award.id,
          name: award.values["name"],
          user_id: award.authorId,
          awardable_type: kind === "issue" ? "Issue" : "MergeRequest",
          awardable_id: item.id,
          action,
        },
        [kind]: issuable(gitlab, project, item),
      });
    }
    case "wiki_page": {
      const { values } = row.record as ResourceRecord;
      return said("wiki_page", "wiki_page_events", "Wiki Page Hook", {
        user,
        ...common,
        wiki: {
          web_url: `${gitlab.projectUrl(project)}/-/wikis/home`,
          path_with_namespace: `${gitlab.projectPath(project)}.wiki`,
        },
        object_attributes: {
          title: values["title"],
          content: values["content"],
          slug: values["slug"],
          format: "markdown",
          action: verb(what),
        },
      });
    }
    case "feature_flag": {
      const { id, values } = row.record as ResourceRecord;
      if (what === "removed") return undefined;
      return said("feature_flag", "feature_flag_events", "Feature Flag Hook", {
        user,
        ...common,
        object_attributes: { id, name: values["name"], description: values["description"], active: values["active"] },
      });
    }
    case "deployment": {
      const { id, values } = row.record as ResourceRecord;
      if (what === "removed") return undefined;
      return said("deployment", "deployment_events", "Deployment Hook", {
        status: values["status"],
        deployment_id: id,
        deployable_id: null,
        environment: values["environment"],
        ref: values["ref"],
        short_sha: String(values["sha"]).slice(0, 8),
        user,
        ...common,
      });
    }
    default:
      return undefined;
  }
}

const verb = (what: Happening["what"]): string =>
  what === "created" ? "create" : what === "updated" ? "update" : "delete";
