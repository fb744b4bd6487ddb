import type { EndpointLimit } from "./endpoint-limit.js";

const limit = (operationId: string, count: number, periodSeconds = 60, more: Partial<EndpointLimit> = {}) => ({
  operationId,
  limit: count,
  periodSeconds,
  ...more,
});
const minutes = 60;
const day = 86_400;

/**
 * What GitLab.com allows per user and endpoint, beside the limit of all requests.
 *
 * @see https://docs.gitlab.com/user/gitlab_com/rate_limits/#current-rate-limits
 * @see https://docs.gitlab.com/rate_limits/non_configurable/
 * @see https://docs.gitlab.com/administration/settings/rate_limit_on_projects_api/
 */
export const gitlabComLimits: readonly EndpointLimit[] = [
  limit("getApiV4Projects", 2000, 10 * minutes),
  limit("postApiV4Projects", 200, day),
  limit("getApiV4ProjectsId", 400),
  limit("getApiV4ProjectsIdMembersAll", 200),
  limit("deleteApiV4ProjectsIdMembersUserId", 60),
  limit("getApiV4Groups", 50),
  limit("postApiV4Groups", 200, day),
  limit("getApiV4GroupsId", 400),
  limit("getApiV4GroupsIdProjects", 600),
  limit("getApiV4UsersId", 300, 10 * minutes),
  limit("getApiV4UsersUserIdProjects", 300),
  limit("getApiV4UsersUserIdStatus", 240),
  limit("postApiV4ProjectsIdIssues", 200),
  ...[
    "postApiV4ProjectsIdIssuesNoteableIdNotes",
    "postApiV4ProjectsIdIssuesNoteableIdDiscussions",
    "postApiV4ProjectsIdIssuesNoteableIdDiscussionsDiscussionIdNotes",
    "postApiV4ProjectsIdMergeRequestsNoteableIdNotes",
    "postApiV4ProjectsIdMergeRequestsNoteableIdDiscussions",
    "postApiV4ProjectsIdMergeRequestsNoteableIdDiscussionsDiscussionIdNotes",
  ].map((operationId) => limit(operationId, 60, 60, { shared: "notes" })),
  ...["getApiV4Search", "getApiV4ProjectsIdDashSearch", "getApiV4GroupsIdDashSearch"].map((operationId) =>
    limit(operationId, 100, 60, { shared: "search" }),
  ),
  limit("postApiV4ProjectsIdPipeline", 25),
  limit("postApiV4ProjectsIdPipelineSchedulesPipelineScheduleIdPlay", 1, 60, { per: "path" }),
  limit("getApiV4ProjectsIdRepositoryFilesFilePath", 500, 60, { per: "path" }),
  limit("getApiV4ProjectsIdRepositoryFilesFilePathRaw", 500, 60, { per: "path" }),
  limit("getApiV4ProjectsIdRepositoryBlobsShaRaw", 300, 60, { per: "path" }),
  limit("getApiV4ProjectsIdRepositoryArchive", 5, 60, { per: "path" }),
  limit("getApiV4ProjectsIdRepositoryChangelog", 5, 60, { per: "path" }),
  limit("postApiV4ProjectsIdRepositoryChangelog", 5, 60, { per: "path" }),
  limit("postApiV4ProjectsIdHooksHookIdTestTrigger", 5, 60, { shared: "hook tests" }),
  limit("deleteApiV4ProjectsIdDeploymentsDeploymentId", 500),
];
