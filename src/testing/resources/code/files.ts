import { createHash } from "node:crypto";
import { findCode, mayPush } from "./code-access.js";
import { findProject, requireRole } from "../../server/access.js";
import { pushed } from "./pushes.js";
import { signatureOf } from "./commit-entity.js";
import { created, empty, json, notFound, refuse, type Call, type Handlers } from "../../server/handler.js";
import { role, type ProjectRecord, type UserRecord } from "../../state/records.js";
import type { Blob } from "../../repository/model.js";

/** Files of a project's repository, one commit for each change. */
export const fileHandlers: Handlers = {
  getApiV4ProjectsIdRepositoryFilesFilePath: (call) => {
    const project = findCode(call);
    const { repository } = project;
    const ref = call.params.text("ref") ?? "";
    if (ref === "") refuse(400, { error: "ref is empty" });
    const commit = repository.commit(ref) ?? notFound("Commit");
    const path = filePath(call);
    const blob = commit.tree.get(path) ?? notFound("File");
    const answer = {
      file_name: path.split("/").at(-1) ?? path,
      file_path: path,
      size: blob.content.length,
      encoding: "base64",
      content_sha256: createHash("sha256").update(blob.content).digest("hex"),
      ref,
      blob_id: blob.id,
      commit_id: commit.sha,
      last_commit_id: repository.lastCommit(commit.sha, path)?.sha ?? commit.sha,
      execute_filemode: blob.executable,
    };
    const headers = Object.fromEntries(
      Object.entries(answer).map(([name, value]) => [
        `x-gitlab-${name.replaceAll("_", "-")}`,
        encodeURI(String(value)),
      ]),
    );
    return json({ ...answer, content: Buffer.from(blob.content).toString("base64") }, 200, headers);
  },

  postApiV4ProjectsIdRepositoryFilesFilePath: (call) => {
    const change = startChange(call);
    if (change.existing !== undefined) refuse(400, "A file with this name already exists");
    commitChange(change, contentOf(call), call.params.flag("execute_filemode"));
    return created({ file_path: change.path, branch: change.branch });
  },

  putApiV4ProjectsIdRepositoryFilesFilePath: (call) => {
    const change = startChange(call);
    if (change.existing === undefined) refuse(400, "A file with this name doesn't exist");
    refuseStale(change);
    commitChange(change, contentOf(call), call.params.flag("execute_filemode"));
    return json({ file_path: change.path, branch: change.branch });
  },

  deleteApiV4ProjectsIdRepositoryFilesFilePath: (call) => {
    const change = startChange(call);
    if (change.existing === undefined) refuse(400, "A file with this name doesn't exist");
    refuseStale(change);
    commitChange(change, undefined);
    return empty();
  },
};

/** A change to one file, checked as far as all three kinds of change have in common. */
interface FileChangeRequest {
  readonly call: Call;
  readonly project: ProjectRecord;
  readonly user: UserRecord;
  readonly path: string;
  readonly branch: string;
  /** What a new branch begins with; undefined when the branch is there. */
  readonly start: string | undefined;
  readonly existing: Blob | undefined;
}

function startChange(call: Call): FileChangeRequest {
  const project = findProject(call);
  const user = requireRole(call, project, role.developer);
  const { repository } = project;
  const { params } = call;
  const branch = params.text("branch") ?? "";
  const path = filePath(call);
  if (branch === "" || (params.text("commit_message") ?? "") === "") {
    const missing = branch === "" ? "branch" : "commit_message";
    refuse(400, { error: `${missing} is empty` });
  }
  if (path.split("/").some((part) => part === "" || part === "." || part === ".." || part === ".git")) {
    refuse(400, "Path cannot include directory traversal");
  }
  // The files API says so with a 400 where the commits API has a 403.
  if (!mayPush(call, project, branch)) refuse(400, "You are not allowed to push into this branch");
  const startBranch = params.text("start_branch");
  const known = repository.branches.has(branch);
  if (known && startBranch !== undefined && startBranch !== branch) {
    refuse(400, `A branch called '${branch}' already exists. Switch to that branch in order to make changes`);
  }
  if (!known && startBranch === undefined && !repository.isEmpty) {
    refuse(400, "You can only create or edit files when you are on a branch");
  }
  if (!known && startBranch !== undefined && repository.resolve(startBranch) === undefined) {
    refuse(400, "You can only create or edit files when you are on a branch");
  }
  const from = known ? branch : startBranch;
  const existing = from === undefined ? undefined : repository.tree(from).get(path);
  return { call, project, user, path, branch, start: known ? undefined : startBranch, existing };
}

/** A client that says which state it has seen is told when somebody else was faster. */
function refuseStale({ call, project, path, branch, start }: FileChangeRequest): void {
  const seen = call.params.text("last_commit_id");
  if (seen === undefined || seen === "") return;
  const last = project.repository.lastCommit(start ?? branch, path);
  if (last?.sha !== seen) {
    refuse(400, "You are attempting to update a file that has changed since you started editing it.");
  }
}

function contentOf({ params }: Call): string | Uint8Array {
  const content = params.text("content") ?? "";
  return params.text("encoding") === "base64" ? new Uint8Array(Buffer.from(content, "base64")) : content;
}

function commitChange(change: FileChangeRequest, content: string | Uint8Array | undefined, executable?: boolean): void {
  const { call, project, user, path, branch, start } = change;
  const now = call.gitlab.now();
  const before = project.repository.branches.get(branch);
  const wasEmpty = project.repository.isEmpty;
  project.repository.commitTo(
    branch,
    {
      message: call.params.text("commit_message") ?? "",
      author: {
        name: call.params.text("author_name") ?? user.name,
        email: call.params.text("author_email") ?? user.email,
        date: now,
      },
      committer: signatureOf(user, now),
      changes: [{ path, content, executable }],
    },
    start,
  );
  // The first branch of an empty project is its default branch, whatever it is called.
  if (wasEmpty) project.repository.defaultBranch = branch;
  pushed(call.gitlab, project, { branch, before, userId: user.id });
}

const filePath = (call: Call): string => call.path["file_path"] ?? "";
