import { approvalHandlers } from "./reviews/approvals.js";
import { branchHandlers } from "./resources/code/branches.js";
import { commitCommentHandlers } from "./resources/code/commit-comments.js";
import { commitHandlers } from "./resources/code/commits.js";
import { deployKeyHandlers } from "./resources/projects/deploy-keys.js";
import { fileHandlers } from "./resources/code/files.js";
import { groupHandlers } from "./resources/groups/groups.js";
import type { Handlers } from "./server/handler.js";
import { hookHandlers } from "./resources/projects/hooks.js";
import { instanceHandlers } from "./resources/instance/instance.js";
import { issueHandlers } from "./issuables/issues.js";
import { jobHandlers } from "./ci/jobs.js";
import { labelHandlers } from "./resources/planning/labels.js";
import { memberHandlers } from "./resources/members/members.js";
import { mergeRequestHandlers } from "./reviews/merge-requests.js";
import { milestoneHandlers } from "./resources/planning/milestones.js";
import { namespaceHandlers } from "./resources/groups/namespaces.js";
import { noteHandlers } from "./issuables/notes.js";
import { personalTokenHandlers } from "./resources/users/personal-tokens.js";
import { pipelineHandlers } from "./ci/pipelines.js";
import { forkHandlers } from "./resources/projects/project-forks.js";
import { projectListHandlers } from "./resources/projects/project-lists.js";
import { projectHandlers } from "./resources/projects/projects.js";
import { releaseHandlers } from "./resources/releases/releases.js";
import { searchHandlers } from "./resources/search/search.js";
import type { Operation } from "./server/document.js";
import { snippetHandlers } from "./resources/projects/snippets.js";
import { sshKeyHandlers } from "./resources/users/ssh-keys.js";
import { starHandlers } from "./resources/projects/stars.js";
import { tagHandlers } from "./resources/code/tags.js";
import { treeHandlers } from "./resources/code/tree.js";
import { userHandlers } from "./resources/users/users.js";
import { variableHandlers } from "./resources/projects/variables.js";

/** Every operation that the emulator answers. */
export const allHandlers: Handlers = {
  ...approvalHandlers,
  ...branchHandlers,
  ...commitCommentHandlers,
  ...commitHandlers,
  ...deployKeyHandlers,
  ...fileHandlers,
  ...forkHandlers,
  ...groupHandlers,
  ...hookHandlers,
  ...instanceHandlers,
  ...issueHandlers,
  ...jobHandlers,
  ...labelHandlers,
  ...memberHandlers,
  ...mergeRequestHandlers,
  ...milestoneHandlers,
  ...namespaceHandlers,
  ...noteHandlers,
  ...personalTokenHandlers,
  ...pipelineHandlers,
  ...projectHandlers,
  ...projectListHandlers,
  ...releaseHandlers,
  ...searchHandlers,
  ...snippetHandlers,
  ...sshKeyHandlers,
  ...starHandlers,
  ...tagHandlers,
  ...treeHandlers,
  ...userHandlers,
  ...variableHandlers,
};

const reading = (operationId: string, path: string): Operation => {
  const names = [...path.matchAll(/\{(\w+)\}/g)].map((match) => match[1] ?? "");
  const parameters = names.map((name) => ({
    name,
    in: "path" as const,
    required: true,
    schema: { type: name === "user_id" ? "integer" : "string" },
  }));
  return { operationId, method: "GET", path, parameters };
};

/** What clients ask besides the tools' own operations: about their token, the instance, a plan, a role. */
export const extraOperations: readonly Operation[] = [
  reading("getApiV4Metadata", "/api/v4/metadata"),
  reading("getApiV4Version", "/api/v4/version"),
  reading("getApiV4PersonalAccessTokensSelf", "/api/v4/personal_access_tokens/self"),
  reading("getApiV4NamespacesId", "/api/v4/namespaces/{id}"),
  reading("getApiV4ProjectsIdMembersAllUserId", "/api/v4/projects/{id}/members/all/{user_id}"),
  reading("getApiV4ProjectsIdPipelinesLatest", "/api/v4/projects/{id}/pipelines/latest"),
  reading("getApiV4GroupsIdMembersAllUserId", "/api/v4/groups/{id}/members/all/{user_id}"),
];
