import { findGroup, requireUser } from "../server/access.js";
import { list, type Answer, type Call, type Handlers } from "../server/handler.js";
import { contextFor } from "../state/context-of.js";
import type {
  IssuableRecord,
  IssueRecord,
  LabelRecord,
  MergeRequestRecord,
  MilestoneRecord,
} from "../state/issuable-records.js";
import { mayReadIssue, mayReadMergeRequest } from "../state/visibility.js";
import { issueEntity } from "../resources/planning/planning-entities.js";
import { mergeRequestBasicEntity } from "../reviews/merge-request-entity.js";
import { issuableTests, issueTests, mergeRequestTests, passesAll } from "./issuable-filters.js";
import { ordered } from "./issuable-order.js";

/** What belongs to the caller: written by, assigned to, or waiting for a review of them. */
function inScope(call: Call, item: IssuableRecord, scope: string): boolean {
  const me = call.user?.id ?? 0;
  if (scope === "created_by_me" || scope === "created-by-me") return item.authorId === me;
  if (scope === "assigned_to_me" || scope === "assigned-to-me") return item.assigneeIds.includes(me);
  if (scope === "reviews_for_me") return "reviewerIds" in item && (item as MergeRequestRecord).reviewerIds.includes(me);
  return true;
}

interface Kind<T extends IssuableRecord> {
  readonly all: readonly T[];
  readonly visible: (item: T) => boolean;
  readonly tests: (filters: Parameters<typeof issuableTests>[1]) => ((item: T) => boolean)[];
  readonly present: (item: T) => unknown;
}

/** Issues or merge requests of several projects at once. */
function search<T extends IssueRecord | MergeRequestRecord>(
  call: Call,
  within: (projectId: number) => boolean,
  scope: string,
  kind: Kind<T>,
): Answer {
  const { gitlab, params } = call;
  const { planning } = gitlab;
  const milestones: MilestoneRecord[] = planning.milestones.filter(({ projectId }) => within(projectId));
  const labels: LabelRecord[] = planning.labels.filter(({ projectId }) => within(projectId));
  const filters = {
    gitlab,
    userId: (name: string) => gitlab.userByName(name)?.id,
    milestones,
    me: call.user?.id,
    now: gitlab.now(),
  };
  const passes = passesAll([...issuableTests(params.without("scope"), filters), ...kind.tests(filters)]);
  const found = kind.all.filter(
    (item) => within(item.projectId) && inScope(call, item, scope) && passes(item) && kind.visible(item),
  );
  const sorted = ordered(
    found,
    params.text("order_by") ?? "created_at",
    params.text("sort") ?? "desc",
    labels,
    milestones,
  );
  return list(sorted, kind.present);
}

function findIssues(call: Call, within: (projectId: number) => boolean, scope: string): Answer {
  const { gitlab, params } = call;
  const labelDetails = params.flag("with_labels_details") ?? false;
  return search<IssueRecord>(call, within, scope, {
    all: gitlab.planning.issues,
    visible: (item) => mayReadIssue(gitlab, call.user, item),
    tests: (filters) => issueTests(params.without("scope"), filters),
    present: (item) =>
      issueEntity(contextFor(gitlab, gitlab.project(item.projectId), call.user?.id ?? 0), item, {
        single: false,
        labelDetails,
      }),
  });
}

function findMergeRequests(call: Call, within: (projectId: number) => boolean, scope: string): Answer {
  const { gitlab, params } = call;
  const labelDetails = params.flag("with_labels_details") ?? false;
  return search<MergeRequestRecord>(call, within, scope, {
    all: gitlab.planning.mergeRequests,
    visible: (item) => mayReadMergeRequest(gitlab, call.user, item),
    tests: (filters) => mergeRequestTests(params.without("scope"), filters),
    present: (item) =>
      mergeRequestBasicEntity(contextFor(gitlab, gitlab.project(item.projectId), call.user?.id ?? 0), item, {
        labelDetails,
      }),
  });
}

/** The projects of a group and of its subgroups. */
function inGroup(call: Call): (projectId: number) => boolean {
  const group = findGroup(call);
  const { gitlab } = call;
  const inside = new Set(
    [...gitlab.projects.values()]
      .filter((project) => gitlab.ancestry(project.namespaceId).includes(group))
      .map((project) => project.id),
  );
  return (projectId) => inside.has(projectId);
}

const anywhere = (): boolean => true;

/** `GET /issues`, `GET /merge_requests`, and those of groups. */
export const everywhereHandlers: Handlers = {
  "GET /issues": (call) => {
    requireUser(call);
    return findIssues(call, anywhere, call.params.text("scope") ?? "created_by_me");
  },
  "GET /merge_requests": (call) => {
    requireUser(call);
    return findMergeRequests(call, anywhere, call.params.text("scope") ?? "created_by_me");
  },
  "GET /groups/{id}/issues": (call) => findIssues(call, inGroup(call), call.params.text("scope") ?? "all"),
  "GET /groups/{id}/merge_requests": (call) =>
    findMergeRequests(call, inGroup(call), call.params.text("scope") ?? "all"),
};
