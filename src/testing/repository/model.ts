/** A file in a tree. Contents are kept as bytes, since repositories also hold images. */
export interface Blob {
  /** SHA-1 of the blob as git computes it. */
  readonly id: string;
  readonly content: Uint8Array;
  readonly executable: boolean;
}

/** Every file of a commit by its path. Two commits share the map of what they have in common only by its values. */
export type Tree = ReadonlyMap<string, Blob>;

export interface Signature {
  readonly name: string;
  readonly email: string;
  readonly date: Date;
}

/** A commit with all the files it holds. */
export interface CommitRecord {
  readonly sha: string;
  readonly parents: readonly string[];
  readonly message: string;
  readonly author: Signature;
  readonly committer: Signature;
  readonly tree: Tree;
}

export interface TagRecord {
  readonly name: string;
  readonly sha: string;
  /** The message of an annotated tag; null for a lightweight one. */
  readonly message: string | null;
  /** The id of the tag object; the commit's own for a lightweight tag. */
  readonly target: string;
  readonly createdAt: Date | null;
}

/** One change of a commit; `content` undefined deletes the file. */
export interface FileChange {
  readonly path: string;
  readonly content: string | Uint8Array | undefined;
  readonly executable?: boolean;
}

export interface NewCommit {
  readonly message: string;
  readonly author: Signature;
  /** The author unless given. */
  readonly committer?: Signature;
  readonly changes: readonly FileChange[];
}

/** How one file differs between two trees. */
export interface FileDiff {
  readonly oldPath: string;
  readonly newPath: string;
  readonly oldMode: string;
  readonly newMode: string;
  readonly newFile: boolean;
  readonly renamedFile: boolean;
  readonly deletedFile: boolean;
  /** Hunks of a unified diff from the first `@@`; empty for binary files. */
  readonly patch: string;
  readonly binary: boolean;
  readonly additions: number;
  readonly deletions: number;
}

/** What came of a merge: the new head of the target, or the files that conflict. */
export type MergeOutcome =
  | { readonly merged: true; readonly commit: CommitRecord; readonly squashCommit: CommitRecord | null }
  | { readonly merged: false; readonly conflicts: readonly string[] };

export interface MergeRequest {
  /** A branch, tag or SHA. */
  readonly source: string;
  /** The branch that moves. */
  readonly target: string;
  readonly message: string;
  readonly author: Signature;
  /** Makes one commit of the source's commits first. */
  readonly squashMessage?: string;
  /** Moves the branch without a merge commit where that is possible. */
  readonly fastForward?: boolean;
}
