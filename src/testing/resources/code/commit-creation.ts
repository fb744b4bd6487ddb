import {
  created,
  json,
  list,
  notFound,
  refuse,
  text,
  bytes,
  type Answer,
  type Call,
  type Handlers,
} from "../../server/handler.js";
import type { Blob, CommitRecord, FileChange } from "../../repository/model.js";
import { textOf } from "../../repository/diffing.js";
import type { ProjectRecord } from "../../state/records.js";
import { contextOf } from "../../state/context-of.js";
import { mergeRequestBasicEntity } from "../../reviews/merge-request-entity.js";
import { commitsOf } from "../../reviews/merge-request-refs.js";
import { findCode, findCommit, findWritableCode, mayPush, requirePush } from "./code-access.js";
import { commitEntity, signatureOf } from "./commit-entity.js";
import { pushed } from "./pushes.js";
import { isRefName } from "./ref-names.js";

const bad = (reason: string): never => refuse(400, `400 Bad request - ${reason}`);
const actionNames = ["create", "update", "move", "delete", "chmod"];

interface Action {
  readonly action: string;
  readonly path: string;
  readonly previous: string | undefined;
  readonly content: string | undefined;
  readonly base64: boolean;
  readonly lastCommitId: string | undefined;
  readonly executable: boolean | undefined;
}

function actionsOf(call: Call): Action[] {
  const { actions } = call.values;
  if (actions === undefined || actions === null) return [];
  if (!Array.isArray(actions)) return bad("actions must be an array");
  return actions.map((entry: unknown, index): Action => {
    const place = `actions[${String(index)}]`;
    if (typeof entry !== "object" || entry === null) return bad(`${place} must be a hash`);
    const given = entry as Readonly<Record<string, unknown>>;
    const word = (name: string): string | undefined => {
      const value = given[name];
      return typeof value === "string" ? value : typeof value === "number" ? String(value) : undefined;
    };
    const action = word("action") ?? "";
    if (!actionNames.includes(action)) return bad(`${place}[action] must be one of: ${actionNames.join(", ")}`);
    const path = word("file_path") ?? "";
    if (path === "") return bad(`${place}[file_path] is required`);
    const previous = word("previous_path");
    if (action === "move" && (previous ?? "") === "") return bad(`${place}[previous_path] is required`);
    if (action === "update" && word("content") === undefined) return bad(`${place}[content] is required`);
    const executable = given["execute_filemode"];
    return {
      action,
      path,
      previous,
      content: word("content"),
      base64: word("encoding") === "base64",
      lastCommitId: word("last_commit_id"),
      executable:
        executable === undefined || executable === null ? undefined : executable === true || executable === "true",
    };
  });
}

const contentOf = ({ content, base64 }: Action): string | Uint8Array =>
  base64 ? new Uint8Array(Buffer.from(content ?? "", "base64")) : (content ?? "");

/** The changes of the actions, each checked against what those before it left. */
function changesOf(project: ProjectRecord, start: string | undefined, actions: readonly Action[]): FileChange[] {
  const { repository } = project;
  const files = new Map<string, Pick<Blob, "content" | "executable">>(
    start === undefined ? [] : repository.tree(start),
  );
  const put = (path: string, content: string | Uint8Array, executable: boolean): FileChange => {
    const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
    files.set(path, { content: bytes, executable });
    return { path, content: bytes, executable };
  };
  return actions.flatMap((action): FileChange[] => {
    const { path, lastCommitId } = action;
    if (path.split("/").some((part) => part === "" || part === "." || part === ".." || part === ".git")) {
      refuse(400, "Path cannot include directory traversal");
    }
    const source = action.action === "move" ? (action.previous ?? "") : path;
    if (action.action === "create") {
      if (files.has(path)) refuse(400, "A file with this name already exists");
    } else if (!files.has(source)) refuse(400, "A file with this name doesn't exist");
    if (lastCommitId !== undefined && lastCommitId !== "" && start !== undefined) {
      if (repository.lastCommit(start, source)?.sha !== lastCommitId) {
        refuse(400, "You are attempting to update a file that has changed since you started editing it.");
      }
    }
    const before = files.get(source);
    const kept = before?.content ?? new Uint8Array();
    const executable = action.executable ?? before?.executable ?? false;
    switch (action.action) {
      case "delete":
        files.delete(path);
        return [{ path, content: undefined }];
      case "chmod":
        return [put(path, kept, action.executable ?? false)];
      case "move":
        if (files.has(path)) refuse(400, "A file with this name already exists");
        files.delete(source);
        return [
          { path: source, content: undefined },
          put(path, action.content === undefined ? kept : contentOf(action), executable),
        ];
      default:
        return [put(path, contentOf(action), executable)];
    }
  });
}

/** Where a commit begins: the branch itself, or what a new branch is made from. */
function startOf(call: Call, project: ProjectRecord, branch: string): string | undefined {
  const { params } = call;
  const { repository } = project;
  const startBranch = params.text("start_branch");
  const startSha = params.text("start_sha");
  if (startBranch !== undefined && startSha !== undefined) bad("start_branch, start_sha are mutually exclusive");
  const start = startBranch ?? startSha;
  const known = repository.branches.has(branch);
  if (known && start !== undefined && start !== branch && params.flag("force") !== true) {
    refuse(400, `A branch called '${branch}' already exists. Switch to that branch in order to make changes`);
  }
  if (known && (start === undefined || start === branch)) return branch;
  if (start === undefined) {
    if (!repository.isEmpty) refuse(400, "You can only create or edit files when you are on a branch");
    return undefined;
  }
  const sha = repository.resolve(start);
  if (sha === undefined) return refuse(400, "You can only create or edit files when you are on a branch");
  return sha;
}

/** A commit that others are made from: cherry-picked, or taken back. */
function transplant(call: Call, kind: "cherry_pick" | "revert"): Answer {
  const { project, user } = findWritableCode(call);
  const commit = findCommit(call, project);
  const branch = call.params.text("branch") ?? "";
  const { repository } = project;
  const head = repository.branches.get(branch) ?? notFound("Branch");
  requirePush(call, project, branch);
  const parent = commit.parents[0];
  const [from, to] = kind === "cherry_pick" ? [parent, commit.sha] : [commit.sha, parent];
  const outcome = repository.transplant(from, to, head);
  const dryRun = call.params.flag("dry_run") === true;
  if ("conflicts" in outcome) {
    const verb = kind === "cherry_pick" ? "cherry-pick" : "revert";
    const message = `Sorry, we cannot ${verb} this commit automatically. This commit may already have been ${kind === "cherry_pick" ? "cherry-picked" : "reverted"}, or a more recent commit may have updated some of its content.`;
    return refuse(400, {
      message,
      error_code: outcome.conflicts.length === 0 ? "empty" : "conflict",
      ...(dryRun && { dry_run: "error" }),
    });
  }
  if (dryRun) return json({ dry_run: "success" });
  const message =
    call.params.text("message") ??
    (kind === "cherry_pick"
      ? `${commit.message.trimEnd()}\n\n(cherry picked from commit ${commit.sha})`
      : `Revert "${commit.message.split("\n")[0] ?? ""}"\n\nThis reverts commit ${commit.sha}`);
  const now = call.gitlab.now();
  const made = repository.commitTo(branch, {
    message,
    author: kind === "cherry_pick" ? commit.author : signatureOf(user, now),
    committer: signatureOf(user, now),
    changes: outcome.changes,
  });
  pushed(call.gitlab, project, { branch, before: head, userId: user.id });
  return created(commitEntity(call.gitlab, project, made));
}

function blobOf(call: Call): { project: ProjectRecord; commit: CommitRecord; path: string; blob: Blob } {
  const project = findCode(call);
  const commit = project.repository.commit(call.params.text("ref") ?? "HEAD") ?? notFound("Commit");
  const path = call.path["file_path"] ?? "";
  return { project, commit, path, blob: commit.tree.get(path) ?? notFound("File") };
}

/** Which commit each line comes from: lines of the newest commit that has them and whose parent has not. */
function blame(call: Call): Answer {
  const { project, commit, path, blob } = blobOf(call);
  if (!call.params.has("ref")) refuse(400, { error: "ref is empty" });
  const history = project.repository.history(commit.sha, { path });
  const lines = textOf(blob).replace(/\n$/, "").split("\n");
  const groups: { commit: unknown; lines: string[] }[] = [];
  let last: string | undefined;
  for (const line of lines) {
    const owner =
      history.find(({ tree, parents }) => {
        const has = (content: Blob | undefined): boolean =>
          content !== undefined && textOf(content).split("\n").includes(line);
        const parent = parents[0];
        return has(tree.get(path)) && !(parent !== undefined && has(project.repository.tree(parent).get(path)));
      }) ?? commit;
    if (owner.sha === last) groups.at(-1)?.lines.push(line);
    else groups.push({ commit: commitEntity(call.gitlab, project, owner), lines: [line] });
    last = owner.sha;
  }
  return json(groups);
}

/** Commits of several changes, and what else is made from commits. */
export const commitCreationHandlers: Handlers = {
  "POST /projects/{id}/repository/commits": (call) => {
    const { project, user } = findWritableCode(call);
    const { params, gitlab } = call;
    const { repository } = project;
    const branch = params.text("branch") ?? "";
    const message = params.text("commit_message") ?? "";
    if (branch === "") bad("branch is required");
    if (message === "") bad("commit_message is required");
    const actions = actionsOf(call);
    if (actions.length === 0 && params.flag("allow_empty") !== true) {
      bad("Provide at least one action, or set allow_empty to true");
    }
    if (!isRefName(branch)) refuse(400, "Branch name is invalid");
    if (!mayPush(call, project, branch)) requirePush(call, project, branch);
    const start = startOf(call, project, branch);
    const before = repository.branches.get(branch);
    const changes = changesOf(project, start, actions);
    const wasEmpty = repository.isEmpty;
    if (start !== undefined && start !== branch) repository.branches.set(branch, repository.resolve(start) ?? "");
    const now = gitlab.now();
    const commit = repository.commitTo(branch, {
      message,
      author: {
        name: params.text("author_name") ?? user.name,
        email: params.text("author_email") ?? user.email,
        date: now,
      },
      committer: signatureOf(user, now),
      changes,
    });
    if (wasEmpty) repository.defaultBranch = branch;
    pushed(gitlab, project, { branch, before, userId: user.id });
    const diffs = repository.commitDiff(commit);
    const [additions, deletions] = [
      diffs.reduce((sum, diff) => sum + diff.additions, 0),
      diffs.reduce((sum, diff) => sum + diff.deletions, 0),
    ];
    return created({
      ...commitEntity(gitlab, project, commit),
      ...(params.flag("stats") !== false && { stats: { additions, deletions, total: additions + deletions } }),
      status: null,
      project_id: project.id,
      last_pipeline: null,
    });
  },
  "POST /projects/{id}/repository/commits/{sha}/cherry_pick": (call) => transplant(call, "cherry_pick"),
  "POST /projects/{id}/repository/commits/{sha}/revert": (call) => transplant(call, "revert"),
  "GET /projects/{id}/repository/commits/{sha}/refs": (call) => {
    const project = findCode(call);
    const { sha } = findCommit(call, project);
    const { repository } = project;
    const holds = (ref: string): boolean => repository.history(ref).some((commit) => commit.sha === sha);
    const wanted = call.params.text("type") ?? "all";
    const branches =
      wanted === "tag" ? [] : [...repository.branches.keys()].filter(holds).map((name) => ({ type: "branch", name }));
    const tags =
      wanted === "branch" ? [] : [...repository.tags.keys()].filter(holds).map((name) => ({ type: "tag", name }));
    return list([...branches, ...tags], (ref) => ref);
  },
  "GET /projects/{id}/repository/commits/{sha}/merge_requests": (call) => {
    const project = findCode(call);
    const context = contextOf(call, project);
    const { sha } = findCommit(call, project);
    const found = context.planning.mergeRequests.filter(
      (item) =>
        item.projectId === project.id &&
        (item.mergeCommitSha === sha || commitsOf(context, item).some((commit) => commit.sha === sha)),
    );
    return list(found, (item) => mergeRequestBasicEntity(context, item));
  },
  "GET /projects/{id}/repository/merge_base": (call) => {
    const project = findCode(call);
    const { repository } = project;
    const refs = call.params.list("refs");
    if (refs.length < 2) refuse(400, "Provide at least 2 refs");
    const shas = refs.map((ref) => repository.resolve(ref) ?? refuse(400, `Could not find ref: ${ref}`));
    const base = shas.reduce<string | undefined>(
      (a, b) => (a === undefined ? undefined : repository.mergeBase(a, b)),
      shas[0],
    );
    const commit = base === undefined ? undefined : repository.commit(base);
    return commit === undefined ? notFound("Merge Base") : json(commitEntity(call.gitlab, project, commit));
  },
  "GET /projects/{id}/repository/contributors": (call) => {
    const project = findCode(call);
    const people = new Map<
      string,
      { name: string; email: string; commits: number; additions: number; deletions: number }
    >();
    for (const { author } of project.repository.isEmpty ? [] : project.repository.history("HEAD")) {
      const known = people.get(author.email) ?? {
        name: author.name,
        email: author.email,
        commits: 0,
        additions: 0,
        deletions: 0,
      };
      people.set(author.email, { ...known, commits: known.commits + 1 });
    }
    return list(
      [...people.values()].sort((a, b) => a.commits - b.commits),
      (person) => person,
    );
  },
  "GET /projects/{id}/repository/files/{file_path}/raw": (call) => {
    const { blob, path } = blobOf(call);
    const name = path.split("/").at(-1) ?? path;
    const headers = { "content-disposition": `inline; filename="${name}"` };
    return blob.content.includes(0)
      ? bytes(blob.content, "application/octet-stream", headers)
      : text(textOf(blob), headers);
  },
  "GET /projects/{id}/repository/files/{file_path}/blame": blame,
  "GET /projects/{id}/repository/blobs/{sha}": (call) => {
    const { id, content } = findBlob(call);
    return json({
      size: content.length,
      encoding: "base64",
      content: Buffer.from(content).toString("base64"),
      sha: id,
    });
  },
  "GET /projects/{id}/repository/blobs/{sha}/raw": (call) => text(textOf(findBlob(call))),
  "DELETE /projects/{id}/repository/merged_branches": (call) => {
    const { project } = findWritableCode(call);
    const { repository } = project;
    for (const name of [...repository.branches.keys()]) {
      const merged = repository.between(repository.defaultBranch, name).length === 0;
      if (merged && name !== repository.defaultBranch && !repository.isProtected(name))
        repository.branches.delete(name);
    }
    return json({ message: "202 Accepted" }, 202);
  },
  "GET /projects/{id}/languages": (call) => {
    const project = findCode(call);
    const sizes = new Map<string, number>();
    for (const [path, blob] of project.repository.tree("HEAD")) {
      const language = languages[/\.(\w+)$/.exec(path)?.[1] ?? ""];
      if (language !== undefined) sizes.set(language, (sizes.get(language) ?? 0) + blob.content.length);
    }
    const total = [...sizes.values()].reduce((sum, size) => sum + size, 0);
    const shares = [...sizes].sort((a, b) => b[1] - a[1]);
    return json(Object.fromEntries(shares.map(([name, size]) => [name, Math.round((size / total) * 10_000) / 100])));
  },
};

const languages: Readonly<Record<string, string>> = {
  ts: "TypeScript",
  tsx: "TypeScript",
  js: "JavaScript",
  mjs: "JavaScript",
  py: "Python",
  rb: "Ruby",
  go: "Go",
  rs: "Rust",
  java: "Java",
  sh: "Shell",
  css: "CSS",
  html: "HTML",
  c: "C",
  cpp: "C++",
  php: "PHP",
  sql: "SQL",
};

function findBlob(call: Call): Blob {
  const project = findCode(call);
  for (const commit of project.repository.allHistory()) {
    for (const blob of commit.tree.values()) if (blob.id === call.path["sha"]) return blob;
  }
  return notFound("Blob");
}
