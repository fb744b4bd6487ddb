import type { Blob, FileChange } from "../../repository/model.js";
import { refuse, type Call } from "../../server/handler.js";
import type { ProjectRecord } from "../../state/records.js";

export const bad = (reason: string): never => refuse(400, `400 Bad request - ${reason}`);
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

/** The actions of a commit, checked as far as they can be without the repository. */
export function actionsOf(call: Call): Action[] {
  const { actions } = call.values;
  if (actions === undefined || actions === null) return [];
  if (!Array.isArray(actions)) return bad("actions must be an array");
  return actions.map((entry: unknown, index): Action => {
    const place = `actions[${String(index)}]`;
    if (typeof entry !== "object" || entry === null) return bad(`${place} must be a hash`);
    const fields = entry as Readonly<Record<string, unknown>>;
    const word = (name: string): string | undefined => {
      const value = fields[name];
      return typeof value === "string" ? value : typeof value === "number" ? String(value) : undefined;
    };
    const action = word("action") ?? "";
    if (!actionNames.includes(action)) return bad(`${place}[action] must be one of: ${actionNames.join(", ")}`);
    const path = word("file_path") ?? "";
    if (path === "") return bad(`${place}[file_path] is required`);
    const previous = word("previous_path");
    if (action === "move" && (previous ?? "") === "") return bad(`${place}[previous_path] is required`);
    if (action === "update" && word("content") === undefined) return bad(`${place}[content] is required`);
    const executable = fields["execute_filemode"];
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
export function changesOf(project: ProjectRecord, start: string | undefined, actions: readonly Action[]): FileChange[] {
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
export function startOf(call: Call, project: ProjectRecord, branch: string): string | undefined {
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
