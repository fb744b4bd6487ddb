import { createHash } from "node:crypto";
import type { GitLabAccount } from "gitlab-agent-tools";
import * as tools from "gitlab-agent-tools/tools";
import { all, branch, file, options, ref, underscored, url, where, type Kind } from "./lost-creates-kind.js";
import { moreKinds } from "./lost-creates-more-kinds.js";

/** A public key of one's own for each word, as OpenSSH writes it: https://datatracker.ietf.org/doc/html/rfc8709 */
function publicKey(word: string): string {
  const part = (bytes: Buffer): Buffer => {
    const length = Buffer.alloc(4);
    length.writeUInt32BE(bytes.length);
    return Buffer.concat([length, bytes]);
  };
  const key = Buffer.concat([part(Buffer.from("ssh-ed25519")), part(createHash("sha256").update(word).digest())]);
  return `ssh-ed25519 ${key.toString("base64")} ${word}`;
}

const users = new Map<string, number>();
async function user(account: GitLabAccount, word: string): Promise<void> {
  const { data } = await tools.userCreate(account, {
    username: word,
    name: word,
    email: `${word}@example.com`,
    force_random_password: true,
  });
  users.set(word, data.id ?? 0);
}
const userOf = (word: string): number => users.get(word) ?? 0;

async function* notesOf(account: GitLabAccount, work_item: string): AsyncIterable<unknown> {
  for await (const thread of tools.workItemNotesList.pages(account, { ...where, work_item, first: 100 }))
    yield* thread.notes?.nodes ?? [];
}

/** All kinds that are looked for when the answer to their create got lost. */
export const kinds: Readonly<Record<string, Kind>> = {
  ...moreKinds,
  issue: {
    tool: "gitlab_issue_create",
    make: (account, title) => tools.issueCreate(account, { ...where, title }, options),
    words: (account) => tools.issuesList.pages(account, { ...where, ...all }),
    field: "title",
  },
  "issue note": {
    tool: "gitlab_issue_note_create",
    make: (account, body) => tools.issueNoteCreate(account, { ...where, issue_iid: 1, body }, options),
    words: (account) => tools.issueNotesList.pages(account, { ...where, issue_iid: 1, ...all }),
    field: "body",
  },
  "merge request note": {
    tool: "gitlab_merge_request_note_create",
    make: (account, body) => tools.mergeRequestNoteCreate(account, { ...where, merge_request_iid: 1, body }, options),
    words: (account) => tools.mergeRequestNotesList.pages(account, { ...where, merge_request_iid: 1, ...all }),
    field: "body",
  },
  "merge request": {
    tool: "gitlab_merge_request_create",
    before: branch,
    make: (account, title) =>
      tools.mergeRequestCreate(account, { ...where, title, source_branch: ref(title), target_branch: "main" }, options),
    words: (account) => tools.mergeRequestsList.pages(account, { ...where, ...all }),
    field: "title",
  },
  milestone: {
    tool: "gitlab_milestone_create",
    make: (account, title) => tools.milestoneCreate(account, { ...where, title }, options),
    words: (account) => tools.milestonesList.pages(account, { ...where, ...all }),
    field: "title",
  },
  label: {
    tool: "gitlab_label_create",
    make: (account, name) => tools.labelCreate(account, { ...where, name, color: "#112233" }, options),
    words: (account) => tools.issueLabelsList.pages(account, { ...where, ...all }),
    field: "name",
  },
  snippet: {
    tool: "gitlab_project_snippet_create",
    make: (account, title) =>
      tools.projectSnippetCreate(
        account,
        { ...where, title, file_name: "a.txt", content: "x", visibility: "private" },
        options,
      ),
    words: (account) => tools.projectSnippetsList.pages(account, { ...where, ...all }),
    field: "title",
  },
  "personal snippet": {
    tool: "gitlab_snippet_create",
    make: (account, title) =>
      tools.snippetCreate(account, { title, file_name: "a.txt", content: "x", visibility: "private" }, options),
    words: (account) => tools.snippetsList.pages(account, all),
    field: "title",
  },
  branch: {
    tool: "gitlab_branch_create",
    make: (account, name) => tools.branchCreate(account, { ...where, branch: name, ref: "main" }, options),
    words: (account) => tools.branchesList.pages(account, { ...where, ...all }),
    field: "name",
  },
  "protected branch": {
    tool: "gitlab_protected_branch_create",
    make: (account, name) => tools.protectedBranchCreate(account, { ...where, name }, options),
    words: (account) => tools.protectedBranchesList.pages(account, { ...where, ...all }),
    field: "name",
  },
  tag: {
    tool: "gitlab_tag_create",
    make: (account, tag_name) => tools.tagCreate(account, { ...where, tag_name, ref: "main" }, options),
    words: (account) => tools.tagsList.pages(account, { ...where, ...all }),
    field: "name",
  },
  release: {
    tool: "gitlab_release_create",
    make: (account, tag_name) =>
      tools.releaseCreate(account, { ...where, tag_name, ref: "main", description: "x" }, options),
    words: (account) => tools.releasesList.pages(account, { ...where, ...all }),
    field: "tag_name",
  },
  "release link": {
    tool: "gitlab_release_link_create",
    make: (account, name) =>
      tools.releaseLinkCreate(account, { ...where, tag_name: "v1.2.0", name, url: url(name) }, options),
    words: (account) => tools.releaseLinksList.pages(account, { ...where, tag_name: "v1.2.0", ...all }),
    field: "name",
  },
  variable: {
    tool: "gitlab_project_variable_create",
    make: (account, word) =>
      tools.projectVariableCreate(account, { ...where, key: underscored(word), value: "x" }, options),
    words: (account) => tools.projectVariablesList.pages(account, { ...where, ...all }),
    field: "key",
    shown: underscored,
  },
  "wiki page": {
    tool: "gitlab_wiki_page_create",
    make: (account, word) =>
      tools.wikiPageCreate(account, { ...where, title: `page of ${word}`, content: "x" }, options),
    words: (account) => tools.wikiPagesList.pages(account, where),
    field: "slug",
    shown: (word) => `page-of-${word}`,
  },
  webhook: {
    tool: "gitlab_project_webhook_create",
    make: (account, word) => tools.projectWebhookCreate(account, { ...where, url: url(word) }, options),
    words: (account) => tools.projectWebhooksList.pages(account, { ...where, ...all }),
    field: "url",
    shown: url,
  },
  pipeline: {
    tool: "gitlab_pipeline_create",
    before: branch,
    make: (account, word) => tools.pipelineCreate(account, { ...where, ref: ref(word) }, options),
    words: (account) => tools.pipelinesList.pages(account, { ...where, source: "api", ...all }),
    field: "ref",
    shown: ref,
  },
  schedule: {
    tool: "gitlab_pipeline_schedule_create",
    make: (account, description) =>
      tools.pipelineScheduleCreate(account, { ...where, description, ref: "main", cron: "0 1 * * 5" }, options),
    words: (account) => tools.pipelineSchedulesList.pages(account, { ...where, ...all }),
    field: "description",
  },
  commit: {
    tool: "gitlab_commit_create",
    make: (account, commit_message) =>
      tools.commitCreate(
        account,
        {
          ...where,
          branch: "commits",
          commit_message,
          actions: [{ action: "create", file_path: file(commit_message), content: "x" }],
        },
        options,
      ),
    words: (account) => tools.commitsList.pages(account, { ...where, ref_name: "commits", ...all }),
    field: "message",
  },
  file: {
    tool: "gitlab_file_create",
    make: (account, commit_message) =>
      tools.fileCreate(
        account,
        { ...where, branch: "files", file_path: file(commit_message), content: "x", commit_message },
        options,
      ),
    words: (account) => tools.commitsList.pages(account, { ...where, ref_name: "files", ...all }),
    field: "message",
    answers: "file_path",
    answered: file,
  },
  "change of a file": {
    tool: "gitlab_file_update",
    make: (account, commit_message) =>
      tools.fileUpdate(
        account,
        { ...where, branch: "changes", file_path: "README.md", content: commit_message, commit_message },
        options,
      ),
    words: (account) => tools.commitsList.pages(account, { ...where, ref_name: "changes", ...all }),
    field: "message",
    answers: "branch",
    answered: () => "changes",
  },
  "commit comment": {
    tool: "gitlab_commit_comment_create",
    make: (account, note) => tools.commitCommentCreate(account, { ...where, sha: "main", note }, options),
    words: (account) => tools.commitCommentsList.pages(account, { ...where, sha: "main", ...all }),
    field: "note",
  },
  "member of a project": {
    tool: "gitlab_project_member_add",
    before: user,
    make: (account, word) =>
      tools.projectMemberAdd(account, { ...where, user_id: userOf(word), access_level: 20 }, options),
    words: (account) => tools.projectMembersList.pages(account, { ...where, ...all }),
    field: "username",
  },
  "member of a group": {
    tool: "gitlab_group_member_add",
    before: user,
    make: (account, word) =>
      tools.groupMemberAdd(account, { group_id: "acme", user_id: userOf(word), access_level: 20 }, options),
    words: (account) => tools.groupMembersList.pages(account, { group_id: "acme", ...all }),
    field: "username",
  },
  "SSH key": {
    tool: "gitlab_ssh_key_add",
    make: (account, title) => tools.sshKeyAdd(account, { title, key: publicKey(title) }, options),
    words: (account) => tools.currentUserSshKeysList.pages(account, all),
    field: "title",
  },
  "deploy key": {
    tool: "gitlab_deploy_key_create",
    isShared: true,
    make: (account, title) => tools.deployKeyCreate(account, { ...where, title, key: publicKey(title) }, options),
    words: (account) => tools.deployKeysList.pages(account, { ...where, ...all }),
    field: "title",
  },
  "work item": {
    tool: "gitlab_work_item_create",
    make: (account, title) => tools.workItemCreate(account, { ...where, type: "Task", title }, options),
    words: (account) => tools.workItemsList.pages(account, { ...where, first: 100 }),
    field: "title",
  },
  "work item note": {
    tool: "gitlab_work_item_note_create",
    make: (account, body) => tools.workItemNoteCreate(account, { ...where, work_item: "#2", body }, options),
    words: (account) => notesOf(account, "#2"),
    field: "body",
    answers: "note.body",
  },
  "work item thread": {
    tool: "gitlab_work_item_thread_create",
    make: (account, body) => tools.workItemThreadCreate(account, { ...where, work_item: "#3", body }, options),
    words: (account) => notesOf(account, "#3"),
    field: "body",
    answers: "note.body",
  },
};
