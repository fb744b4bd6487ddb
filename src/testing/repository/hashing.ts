import { createHash } from "node:crypto";
import type { Blob, CommitRecord, Signature, Tree } from "./model.js";

const sha1 = (...parts: readonly (string | Uint8Array)[]): string => {
  const hash = createHash("sha1");
  for (const part of parts) hash.update(part);
  return hash.digest("hex");
};

/** A blob with the id that git gives to its content. */
export function makeBlob(content: string | Uint8Array, executable = false): Blob {
  const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
  return { id: sha1(`blob ${String(bytes.length)}\0`, bytes), content: bytes, executable };
}

/** An id for a folder of a tree, the same for the same files. */
export function folderId(tree: Tree, folder: string): string {
  const prefix = folder === "" ? "" : `${folder}/`;
  const entries = [...tree].filter(([path]) => path.startsWith(prefix)).sort(([a], [b]) => (a < b ? -1 : 1));
  const lines = entries.map(([path, blob]) => `${fileMode(blob)} ${path.slice(prefix.length)}\0${blob.id}\n`);
  return sha1(`tree\0${lines.join("")}`);
}

export const fileMode = (blob: Blob): string => (blob.executable ? "100755" : "100644");

const stamp = ({ name, email, date }: Signature): string =>
  `${name} <${email}> ${String(Math.floor(date.getTime() / 1000))} +0000`;

/** A commit's id from everything that it is made of. */
export function commitId(commit: Omit<CommitRecord, "sha">): string {
  const lines = [
    `tree ${folderId(commit.tree, "")}`,
    ...commit.parents.map((parent) => `parent ${parent}`),
    `author ${stamp(commit.author)}`,
    `committer ${stamp(commit.committer)}`,
    "",
    commit.message,
  ];
  return sha1(`commit\0${lines.join("\n")}`);
}

/** The id of an annotated tag's own object. */
export const tagId = (name: string, sha: string, message: string): string => sha1(`tag\0${name}\0${sha}${message}`);
