import type { GitLabAccount } from "gitlab-agent-tools";
import * as tools from "gitlab-agent-tools/tools";
import { all, branch, options, ref, underscored, url, where, type Kind } from "./lost-creates-kind.js";

const group = { group_id: "acme" };
const first = (word: string): string => word.split("-")[1] ?? "";

/** What had to be there first, by the word. */
const prepared = new Map<string, string | number>();
const preparedFor = (word: string): string => String(prepared.get(word));
const numberFor = (word: string): number => Number(prepared.get(word));

async function commitOn(account: GitLabAccount, name: string, word: string): Promise<void> {
  const { data } = await tools.commitCreate(account, {
    ...where,
    branch: name,
    commit_message: word,
    actions: [{ action: "create", file_path: `${name}/${word}.txt`, content: word }],
  });
  prepared.set(word, data.id ?? "");
}

async function issueOf(account: GitLabAccount, word: string): Promise<void> {
  prepared.set(word, (await tools.issueCreate(account, { ...where, title: word })).data.iid ?? 0);
}

async function* notesIn(threads: AsyncIterable<unknown>): AsyncIterable<unknown> {
  for await (const thread of threads) yield* (thread as { notes: unknown[] }).notes;
}

/** A merge request whose source branch has a job for merge requests; the pipelines that it has by itself are not ours. */
const earlier = new Set<number>();
async function reviewed(account: GitLabAccount, word: string): Promise<void> {
  await branch(account, word);
  const content = "test:\n  script: [true]\n  rules: [{ if: $CI_PIPELINE_SOURCE == 'merge_request_event' }]\n";
  await tools.commitCreate(account, {
    ...where,
    branch: ref(word),
    commit_message: "Test merge requests",
    actions: [{ action: "update", file_path: ".gitlab-ci.yml", content }],
  });
  const { data } = await tools.mergeRequestCreate(account, {
    ...where,
    title: `Reviewed ${word}`,
    source_branch: ref(word),
    target_branch: "main",
  });
  prepared.set(word, data.iid ?? 0);
  const made = await tools.mergeRequestPipelinesList(account, { ...where, merge_request_iid: data.iid ?? 0 });
  for (const { id } of made.data) earlier.add(id ?? 0);
}
async function* ofMergeRequests(account: GitLabAccount): AsyncIterable<unknown> {
  const pipelines = tools.pipelinesList.pages(account, { ...where, source: "merge_request_event", ...all });
  for await (const pipeline of pipelines) if (!earlier.has(pipeline.id ?? 0)) yield pipeline;
}

async function scheduled(account: GitLabAccount): Promise<number> {
  const { data } = await tools.pipelineSchedulesList(account, { ...where, ...all });
  const known = data.find(({ description }) => description === "for variables")?.id;
  if (typeof known === "number") return known;
  const schedule = { ...where, description: "for variables", ref: "main", cron: "0 1 * * 5" };
  return (await tools.pipelineScheduleCreate(account, schedule)).data.id ?? 0;
}

const numberOfApp = async (account: GitLabAccount): Promise<number> =>
  (await tools.projectGet(account, where, options)).data.id;

/** Kinds whose tools are extended or derived, and places for things. */
export const moreKinds: Readonly<Record<string, Kind>> = {
  project: {
    tool: "gitlab_project_create",
    make: (account, name) => tools.projectCreate(account, { name }, options),
    words: (account) => tools.projectsList.pages(account, all),
    field: "name",
  },
  fork: {
    tool: "gitlab_project_fork",
    make: (account, path) => tools.projectFork(account, { ...where, path, name: path }, options),
    words: (account) => tools.projectForksList.pages(account, { ...where, ...all }),
    field: "path",
  },
  group: {
    tool: "gitlab_group_create",
    make: (account, path) => tools.groupCreate(account, { name: `Group ${path}`, path }, options),
    words: (account) => tools.groupsList.pages(account, all),
    field: "path",
  },
  user: {
    tool: "gitlab_user_create",
    make: (account, username) =>
      tools.userCreate(
        account,
        { username, name: username, email: `${username}@example.com`, force_random_password: true },
        options,
      ),
    words: (account) => tools.usersList.pages(account, all),
    field: "username",
  },
  "access token": {
    tool: "gitlab_project_access_token_create",
    isSecret: true,
    make: (account, name) =>
      tools.projectAccessTokenCreate(
        account,
        { ...where, name, scopes: ["read_api"], expires_at: "2999-01-01" },
        options,
      ),
    words: (account) => tools.projectAccessTokensList.pages(account, where),
    field: "name",
  },
  "issue link": {
    tool: "gitlab_issue_link_create",
    before: issueOf,
    make: (account, word) =>
      tools.issueLinkCreate(
        account,
        { ...where, issue_iid: 5, target_project_id: "acme/app", target_issue_iid: preparedFor(word) },
        options,
      ),
    words: (account) => tools.issueLinksList.pages(account, { ...where, issue_iid: 5 }),
    field: "title",
    answers: "target_issue.title",
  },
  "issue thread": {
    tool: "gitlab_issue_discussion_create",
    make: (account, body) => tools.issueDiscussionCreate(account, { ...where, issue_iid: 6, body }, options),
    words: (account) => tools.issueDiscussionsList.pages(account, { ...where, issue_iid: 6, ...all }),
    field: "notes.0.body",
  },
  "commit thread": {
    tool: "gitlab_commit_discussion_create",
    make: (account, body) => tools.commitDiscussionCreate(account, { ...where, sha: "v1.2.0", body }, options),
    words: (account) => tools.commitDiscussionsList.pages(account, { ...where, sha: "v1.2.0", ...all }),
    field: "notes.0.body",
  },
  "reply on an issue": {
    tool: "gitlab_issue_discussion_note_create",
    before: async (account, word) => {
      const thread = { ...where, issue_iid: 8, body: `About ${word}` };
      prepared.set(word, (await tools.issueDiscussionCreate(account, thread)).data.id ?? "");
    },
    make: (account, body) =>
      tools.issueDiscussionNoteCreate(
        account,
        { ...where, issue_iid: 8, discussion_id: preparedFor(body), body },
        options,
      ),
    words: (account) => notesIn(tools.issueDiscussionsList.pages(account, { ...where, issue_iid: 8, ...all })),
    field: "body",
  },
  "merge request thread": {
    tool: "gitlab_merge_request_discussion_create",
    make: (account, body) =>
      tools.mergeRequestDiscussionCreate(account, { ...where, merge_request_iid: 6, body }, options),
    words: (account) => tools.mergeRequestDiscussionsList.pages(account, { ...where, merge_request_iid: 6, ...all }),
    field: "notes.0.body",
  },
  "reply on a merge request": {
    tool: "gitlab_merge_request_discussion_note_create",
    before: async (account, word) => {
      const thread = { ...where, merge_request_iid: 7, body: `About ${word}` };
      prepared.set(word, (await tools.mergeRequestDiscussionCreate(account, thread)).data.id ?? "");
    },
    make: (account, body) =>
      tools.mergeRequestDiscussionNoteCreate(
        account,
        { ...where, merge_request_iid: 7, discussion_id: preparedFor(body), body },
        options,
      ),
    words: (account) =>
      notesIn(tools.mergeRequestDiscussionsList.pages(account, { ...where, merge_request_iid: 7, ...all })),
    field: "body",
  },
  "draft note": {
    tool: "gitlab_merge_request_draft_note_create",
    make: (account, note) =>
      tools.mergeRequestDraftNoteCreate(account, { ...where, merge_request_iid: 8, note }, options),
    words: (account) => tools.mergeRequestDraftNotesList.pages(account, { ...where, merge_request_iid: 8 }),
    field: "note",
  },
  "reaction to an issue": {
    tool: "gitlab_issue_award_emoji_create",
    make: (account, name) => tools.issueAwardEmojiCreate(account, { ...where, issue_iid: 9, name }, options),
    words: (account) => tools.issueAwardEmojiList.pages(account, { ...where, issue_iid: 9, ...all }),
    field: "name",
  },
  "reaction to a merge request": {
    tool: "gitlab_merge_request_award_emoji_create",
    make: (account, name) =>
      tools.mergeRequestAwardEmojiCreate(account, { ...where, merge_request_iid: 9, name }, options),
    words: (account) => tools.mergeRequestAwardEmojiList.pages(account, { ...where, merge_request_iid: 9, ...all }),
    field: "name",
  },
  "pipeline of a merge request": {
    tool: "gitlab_merge_request_pipeline_create",
    before: reviewed,
    make: (account, word) =>
      tools.mergeRequestPipelineCreate(account, { ...where, merge_request_iid: numberFor(word) }, options),
    words: ofMergeRequests,
    field: "ref",
    shown: (word) => `refs/merge-requests/${preparedFor(word)}/head`,
  },
  revert: {
    tool: "gitlab_commit_revert",
    before: (account, word) => commitOn(account, "reverts", word),
    make: (account, word) =>
      tools.commitRevert(account, { ...where, sha: preparedFor(word), branch: "reverts" }, options),
    words: (account) => tools.commitsList.pages(account, { ...where, ref_name: "reverts", ...all }),
    field: "title",
    shown: (word) => `Revert "${word}"`,
  },
  "cherry-pick": {
    tool: "gitlab_commit_cherry_pick",
    before: (account, word) => commitOn(account, "picked", word),
    make: (account, word) =>
      tools.commitCherryPick(account, { ...where, sha: preparedFor(word), branch: "picks" }, options),
    words: (account) => tools.commitsList.pages(account, { ...where, ref_name: "picks", ...all }),
    field: "title",
  },
  changelog: {
    tool: "gitlab_repository_changelog_add",
    make: (account, message) =>
      tools.repositoryChangelogAdd(
        account,
        { ...where, version: `9.0.${first(message)}`, from: "main", to: "main", branch: "changelogs", message },
        options,
      ),
    words: (account) => tools.commitsList.pages(account, { ...where, ref_name: "changelogs", ...all }),
    field: "message",
    answers: "nothing",
    answered: () => undefined,
  },
  deployment: {
    tool: "gitlab_deployment_create",
    before: async (account, word) => {
      const { data } = await tools.commitsList(account, { ...where, ref_name: "main", per_page: 1 });
      prepared.set(word, data[0]?.id ?? "");
    },
    make: (account, environment) =>
      tools.deploymentCreate(
        account,
        {
          ...where,
          environment: `on-${environment}`,
          sha: preparedFor(environment),
          ref: "main",
          tag: false,
          status: "success",
        },
        options,
      ),
    words: (account) => tools.deploymentsList.pages(account, { ...where, ...all }),
    field: "environment.name",
    shown: (word) => `on-${word}`,
  },
  environment: {
    tool: "gitlab_environment_create",
    make: (account, name) => tools.environmentCreate(account, { ...where, name }, options),
    words: (account) => tools.environmentsList.pages(account, { ...where, ...all }),
    field: "name",
  },
  "feature flag": {
    tool: "gitlab_feature_flag_create",
    make: (account, name) => tools.featureFlagCreate(account, { ...where, name: underscored(name) }, options),
    words: (account) => tools.featureFlagsList.pages(account, { ...where, ...all }),
    field: "name",
    shown: underscored,
  },
  "protected tag": {
    tool: "gitlab_protected_tag_create",
    make: (account, name) => tools.protectedTagCreate(account, { ...where, name }, options),
    words: (account) => tools.protectedTagsList.pages(account, { ...where, ...all }),
    field: "name",
  },
  trigger: {
    tool: "gitlab_trigger_create",
    make: (account, description) => tools.triggerCreate(account, { ...where, description }, options),
    words: (account) => tools.triggersList.pages(account, { ...where, ...all }),
    field: "description",
  },
  "variable of a schedule": {
    tool: "gitlab_pipeline_schedule_variable_create",
    before: async (account, word) => prepared.set(word, await scheduled(account)),
    make: (account, word) =>
      tools.pipelineScheduleVariableCreate(
        account,
        { ...where, pipeline_schedule_id: numberFor(word), key: underscored(word), value: "x" },
        options,
      ),
    words: async function* (account) {
      const pipeline_schedule_id = await scheduled(account);
      const { data } = await tools.pipelineScheduleGet(account, { ...where, pipeline_schedule_id });
      yield* data.variables ?? [];
    },
    field: "key",
    shown: underscored,
  },
  "allowed project": {
    tool: "gitlab_job_token_scope_allowlist_add",
    before: async (account, word) =>
      prepared.set(word, (await tools.projectCreate(account, { name: `allowed-${word}` })).data.id ?? 0),
    // GitLab takes only a number here.
    make: async (account, word) =>
      tools.jobTokenScopeAllowlistAdd(
        account,
        { project_id: await numberOfApp(account), target_project_id: numberFor(word) },
        options,
      ),
    words: async function* (account) {
      yield* tools.jobTokenScopeAllowlistList.pages(account, { project_id: await numberOfApp(account), ...all });
    },
    field: "name",
    shown: (word) => `allowed-${word}`,
    answers: "target_project_id",
    answered: (word) => prepared.get(word),
  },
  epic: {
    tool: "gitlab_group_epic_create",
    make: (account, title) => tools.groupEpicCreate(account, { ...group, title }, options),
    words: (account) => tools.groupEpicsList.pages(account, { ...group, ...all }),
    field: "title",
  },
  "label of a group": {
    tool: "gitlab_group_label_create",
    make: (account, name) => tools.groupLabelCreate(account, { ...group, name, color: "#112233" }, options),
    words: (account) => tools.groupLabelsList.pages(account, { ...group, ...all }),
    field: "name",
  },
  "milestone of a group": {
    tool: "gitlab_group_milestone_create",
    make: (account, title) => tools.groupMilestoneCreate(account, { ...group, title }, options),
    words: (account) => tools.groupMilestonesList.pages(account, { ...group, ...all }),
    field: "title",
  },
  "variable of a group": {
    tool: "gitlab_group_variable_create",
    make: (account, word) =>
      tools.groupVariableCreate(account, { ...group, key: underscored(word), value: "x" }, options),
    words: (account) => tools.groupVariablesList.pages(account, { ...group, ...all }),
    field: "key",
    shown: underscored,
  },
  "webhook of a group": {
    tool: "gitlab_group_webhook_create",
    make: (account, word) => tools.groupWebhookCreate(account, { ...group, url: url(word) }, options),
    words: (account) => tools.groupWebhooksList.pages(account, { ...group, ...all }),
    field: "url",
    shown: url,
  },
  "wiki page of a group": {
    tool: "gitlab_group_wiki_page_create",
    make: (account, word) =>
      tools.groupWikiPageCreate(account, { ...group, title: `page of ${word}`, content: "x" }, options),
    words: (account) => tools.groupWikiPagesList.pages(account, group),
    field: "slug",
    shown: (word) => `page-of-${word}`,
  },
};
