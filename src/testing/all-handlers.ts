import { approvalHandlers } from "./approvals.js";
import { branchHandlers } from "./branches.js";
import { commitCommentHandlers } from "./commit-comments.js";
import { commitHandlers } from "./commits.js";
import { deployKeyHandlers } from "./deploy-keys.js";
import { fileHandlers } from "./files.js";
import { groupHandlers } from "./groups.js";
import type { Handlers } from "./handler.js";
import { hookHandlers } from "./hooks.js";
import { instanceHandlers } from "./instance.js";
import { issueHandlers } from "./issues.js";
import { jobHandlers } from "./jobs.js";
import { labelHandlers } from "./labels.js";
import { memberHandlers } from "./members.js";
import { mergeRequestHandlers } from "./merge-requests.js";
import { milestoneHandlers } from "./milestones.js";
import { namespaceHandlers } from "./namespaces.js";
import { noteHandlers } from "./notes.js";
import { personalTokenHandlers } from "./personal-tokens.js";
import { pipelineHandlers } from "./pipelines.js";
import { forkHandlers } from "./project-forks.js";
import { projectListHandlers } from "./project-lists.js";
import { projectHandlers } from "./projects.js";
import { releaseHandlers } from "./releases.js";
import { searchHandlers } from "./search.js";
import type { Operation } from "./server/document.js";
import { snippetHandlers } from "./snippets.js";
import { sshKeyHandlers } from "./ssh-keys.js";
import { starHandlers } from "./stars.js";
import { tagHandlers } from "./tags.js";
import { treeHandlers } from "./tree.js";
import { userHandlers } from "./users.js";
import { variableHandlers } from "./variables.js";

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
