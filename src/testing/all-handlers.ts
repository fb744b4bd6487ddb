import { ciActionHandlers } from "./ci/ci-actions.js";
import { everywhereHandlers } from "./issuables/everywhere.js";
import { issuableActionHandlers } from "./issuables/issuable-actions.js";
import { commitCreationHandlers } from "./resources/code/commit-creation.js";
import { memberChangeHandlers } from "./resources/members/member-changes.js";
import { labelItemHandlers } from "./resources/planning/label-items.js";
import { projectActionHandlers } from "./resources/projects/project-actions.js";
import { releaseLinkHandlers } from "./resources/releases/release-links.js";
import { eventHandlers, statusHandlers, todoHandlers } from "./resources/users/todos-and-events.js";
import { discussionHandlers } from "./reviews/discussions.js";
import { draftNoteResources } from "./reviews/draft-notes.js";
import { mergeRequestActionHandlers } from "./reviews/merge-request-actions.js";
import { suggestionHandlers } from "./reviews/suggestions.js";
import { versionHandlers } from "./reviews/versions.js";
import { approvalHandlers } from "./reviews/approvals.js";
import { branchHandlers } from "./resources/code/branches.js";
import { commitCommentHandlers } from "./resources/code/commit-comments.js";
import { commitHandlers } from "./resources/code/commits.js";
import { deployKeyResources } from "./resources/projects/deploy-keys.js";
import { epicHandlers } from "./resources/planning/epics.js";
import { fileHandlers } from "./resources/code/files.js";
import { groupHandlers } from "./resources/groups/groups.js";
import type { Handlers } from "./server/handler.js";
import { hookResources } from "./resources/projects/hooks.js";
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
import { repositoryReadHandlers } from "./resources/code/repository-reads.js";
import { archiveHandlers } from "./resources/code/archive.js";
import { changelogHandlers } from "./resources/code/changelog.js";
import { uploadHandlers } from "./resources/projects/uploads.js";
import { accessResources } from "./resources/access/access-resources.js";
import { releaseHandlers } from "./resources/releases/releases.js";
import { searchHandlers } from "./resources/search/search.js";
import { snippetResources } from "./resources/projects/snippets.js";
import { sshKeyResources } from "./resources/users/ssh-keys.js";
import { environmentResources } from "./resources/environments/environments.js";
import { protectionResources } from "./resources/protection/protected-refs.js";
import { smallResources } from "./resources/small-resources.js";
import { wikiResources } from "./resources/wikis/wikis.js";
import { scheduleResources } from "./ci/schedules.js";
import { starHandlers } from "./resources/projects/stars.js";
import { tagHandlers } from "./resources/code/tags.js";
import { treeHandlers } from "./resources/code/tree.js";
import { userHandlers } from "./resources/users/users.js";
import { variableResources } from "./resources/projects/variables.js";

/** Every operation that the emulator answers. */
export const allHandlers: Handlers = {
  ...ciActionHandlers,
  ...commitCreationHandlers,
  ...repositoryReadHandlers,
  ...archiveHandlers,
  ...changelogHandlers,
  ...uploadHandlers,
  ...discussionHandlers,
  ...eventHandlers,
  ...everywhereHandlers,
  ...issuableActionHandlers,
  ...labelItemHandlers,
  ...memberChangeHandlers,
  ...mergeRequestActionHandlers,
  ...projectActionHandlers,
  ...releaseLinkHandlers,
  ...statusHandlers,
  ...suggestionHandlers,
  ...todoHandlers,
  ...versionHandlers,
  ...approvalHandlers,
  ...branchHandlers,
  ...commitCommentHandlers,
  ...commitHandlers,
  ...epicHandlers,
  ...fileHandlers,
  ...forkHandlers,
  ...groupHandlers,
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
  ...starHandlers,
  ...tagHandlers,
  ...treeHandlers,
  ...userHandlers,
};

/** The resources that are declared as data. */
export const resourceRoutes: Handlers = {
  ...accessResources,
  ...draftNoteResources,
  ...environmentResources,
  ...protectionResources,
  ...scheduleResources,
  ...smallResources,
  ...deployKeyResources,
  ...hookResources,
  ...snippetResources,
  ...sshKeyResources,
  ...variableResources,
  ...wikiResources,
};
