import { findCode } from "./code-access.js";
import { commitEntity } from "./commit-entity.js";
import { list, notFound, type Handlers } from "../../server/handler.js";
import type { Tree } from "../../repository/model.js";
import { fileMode, folderId } from "../../repository/hashing.js";

interface TreeEntry {
  readonly id: string;
  readonly name: string;
  readonly type: "tree" | "blob";
  readonly path: string;
  readonly mode: string;
}

/** Files and folders of a project's repository. */
export const treeHandlers: Handlers = {
  getApiV4ProjectsIdRepositoryTree: (call) => {
    const project = findCode(call);
    const { params, gitlab } = call;
    const { repository } = project;
    const ref = params.text("ref") ?? repository.defaultBranch;
    const folder = (params.text("path") ?? "").replace(/^\/+|\/+$/g, "");
    if (repository.isEmpty) return notFound("Tree");
    const commit = repository.commit(ref) ?? notFound("Tree");
    const entries = entriesOf(commit.tree, folder, params.flag("recursive") === true);
    if (entries.length === 0 && folder !== "") return notFound("invalid revision or path");
    const withLast = params.flag("with_last_commit") === true;
    return list(
      entries,
      (entry) => {
        if (!withLast) return entry;
        const last = repository.lastCommit(commit.sha, entry.path);
        return { ...entry, last_commit: last === undefined ? null : commitEntity(gitlab, project, last) };
      },
      { keyset: (entry) => entry.path, keysetParameter: "page_token" },
    );
  },
};

/** Folders come before files, each in the order of their names; a recursive list walks folder by folder. */
function entriesOf(tree: Tree, folder: string, recursive: boolean): TreeEntry[] {
  const prefix = folder === "" ? "" : `${folder}/`;
  const folders = new Map<string, TreeEntry>();
  const files: TreeEntry[] = [];
  for (const [path, blob] of tree) {
    if (!path.startsWith(prefix)) continue;
    const rest = path.slice(prefix.length).split("/");
    const name = rest[0] ?? "";
    if (rest.length === 1) files.push({ id: blob.id, name, type: "blob", path, mode: fileMode(blob) });
    else if (!folders.has(name)) {
      const inner = `${prefix}${name}`;
      folders.set(name, { id: folderId(tree, inner), name, type: "tree", path: inner, mode: "040000" });
    }
  }
  const byName = (a: TreeEntry, b: TreeEntry): number => (a.name < b.name ? -1 : 1);
  const here = [...[...folders.values()].sort(byName), ...files.sort(byName)];
  if (!recursive) return here;
  return here.flatMap((entry) => [entry, ...(entry.type === "tree" ? entriesOf(tree, entry.path, true) : [])]);
}
