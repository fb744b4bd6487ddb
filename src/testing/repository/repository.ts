import type {
  CommitRecord,
  FileChange,
  FileDiff,
  MergeOutcome,
  MergeRequest,
  NewCommit,
  TagRecord,
  Tree,
} from "./model.js";
import { diffTrees, mergeTrees } from "./diffing.js";
import { commitId, makeBlob, tagId } from "./hashing.js";

/** Filters of {@link Repository.history}. */
export interface HistoryOptions {
  /** A file or a folder. */
  readonly path?: string;
  readonly firstParent?: boolean;
}

const none: Tree = new Map();

/** A git repository in memory: commits that hold whole trees, branches and tags that point to them. */
export class Repository {
  /** The branch that `HEAD` stands for. */
  defaultBranch: string;
  /** Branches by name, each with the SHA of its head. */
  readonly branches = new Map<string, string>();
  /** Names and wildcards (`release-*`) of branches that only maintainers push to. */
  readonly protectedBranches = new Set<string>();
  readonly tags = new Map<string, TagRecord>();
  /** In the order they were made, so that parents come before their children. */
  readonly #commits = new Map<string, CommitRecord>();
  readonly #order = new Map<string, number>();
  #lastDiff: { readonly before: Tree; readonly after: Tree; readonly files: readonly FileDiff[] } | undefined;

  constructor(defaultBranch = "main") {
    this.defaultBranch = defaultBranch;
  }

  get isEmpty(): boolean {
    return this.branches.size === 0;
  }

  get commitCount(): number {
    return this.isEmpty ? 0 : this.history(this.defaultBranch).length;
  }

  isProtected(branch: string): boolean {
    return [...this.protectedBranches].some((name) => {
      const [start = "", ...rest] = name.split("*");
      return rest.length === 0 ? name === branch : branch.startsWith(start) && branch.endsWith(rest.at(-1) ?? "");
    });
  }

  /** The SHA that a branch, tag, `HEAD`, full or abbreviated SHA stands for. */
  resolve(ref: string): string | undefined {
    if (ref === "HEAD") return this.branches.get(this.defaultBranch);
    const branch = this.branches.get(ref.replace(/^refs\/heads\//, ""));
    const named = branch ?? this.tags.get(ref.replace(/^refs\/tags\//, ""))?.sha;
    if (named !== undefined) return named;
    if (!/^[0-9a-f]{7,40}$/.test(ref)) return undefined;
    return this.#commits.has(ref) ? ref : [...this.#commits.keys()].find((sha) => sha.startsWith(ref));
  }

  commit(ref: string): CommitRecord | undefined {
    return this.#commits.get(this.resolve(ref) ?? "");
  }

  /** The files of a ref; none for one that does not exist. */
  tree(ref: string): Tree {
    return this.commit(ref)?.tree ?? new Map();
  }

  /** The commits that lead to a ref, newest first. */
  history(ref: string, options: HistoryOptions = {}): CommitRecord[] {
    const commits = this.#sorted(this.#ancestors(ref, options.firstParent));
    const { path } = options;
    return path === undefined || path === "" ? commits : commits.filter((commit) => this.#touches(commit, path));
  }

  /** Commits of every branch and tag, newest first. */
  allHistory(): CommitRecord[] {
    const shas = new Set<string>();
    for (const ref of [...this.branches.keys(), ...this.tags.keys()]) {
      for (const sha of this.#ancestors(ref)) shas.add(sha);
    }
    return this.#sorted(shas);
  }

  /** The newest commit that changed a file or a folder. */
  lastCommit(ref: string, path: string): CommitRecord | undefined {
    return this.history(ref, { path })[0];
  }

  /** The commits that `to` has and `from` has not, newest first. */
  between(from: string, to: string): CommitRecord[] {
    const known = this.#ancestors(from);
    return this.#sorted(new Set([...this.#ancestors(to)].filter((sha) => !known.has(sha))));
  }

  /** The newest commit that both have. */
  mergeBase(a: string, b: string): string | undefined {
    const known = this.#ancestors(a);
    const common = [...this.#ancestors(b)].filter((sha) => known.has(sha));
    return common.sort((left, right) => this.#place(right) - this.#place(left))[0];
  }

  /** How the files of `to` differ from those of `from`; an undefined `from` is the empty tree. */
  diff(from: string | undefined, to: string): FileDiff[] {
    const [before, after] = [from === undefined ? none : this.tree(from), this.tree(to)];
    // Trees never change, and a review asks for the same diff again and again.
    if (this.#lastDiff?.before !== before || this.#lastDiff.after !== after)
      this.#lastDiff = { before, after, files: diffTrees(before, after) };
    return [...this.#lastDiff.files];
  }

  /** What a commit changed against its first parent. */
  commitDiff(commit: CommitRecord): FileDiff[] {
    return this.diff(commit.parents[0], commit.sha);
  }

  /** Adds a commit to a branch, which is made from `startRef`, or from nothing, when it does not exist. */
  commitTo(branch: string, commit: NewCommit, startRef?: string): CommitRecord {
    const parent = this.branches.get(branch) ?? (startRef === undefined ? undefined : this.resolve(startRef));
    const tree = applyChanges(parent === undefined ? new Map() : this.tree(parent), commit.changes);
    const made = this.#add({
      parents: parent === undefined ? [] : [parent],
      message: commit.message,
      author: commit.author,
      committer: commit.committer ?? commit.author,
      tree,
    });
    this.branches.set(branch, made.sha);
    return made;
  }

  createTag(name: string, ref: string, message: string | null, createdAt: Date): TagRecord | undefined {
    const sha = this.resolve(ref);
    if (sha === undefined) return undefined;
    const annotated = message !== null && message !== "";
    const tag: TagRecord = {
      name,
      sha,
      message: annotated ? message : null,
      target: annotated ? tagId(name, sha, message) : sha,
      createdAt: annotated ? createdAt : null,
    };
    this.tags.set(name, tag);
    return tag;
  }

  /** The files that cannot be merged by themselves. */
  conflicts(source: string, target: string): string[] {
    return this.#merged(source, target).conflicts;
  }

  /** Merges a ref into a branch. Nothing changes when there are conflicts. */
  merge(request: MergeRequest): MergeOutcome {
    const { source, target, author } = request;
    const { tree, conflicts } = this.#merged(source, target);
    const [sourceSha, targetSha] = [this.resolve(source), this.branches.get(target)];
    if (conflicts.length > 0 || sourceSha === undefined || targetSha === undefined) return { merged: false, conflicts };
    const squashCommit =
      request.squashMessage === undefined
        ? null
        : this.#add({ parents: [targetSha], message: request.squashMessage, author, committer: author, tree });
    const head = squashCommit?.sha ?? sourceSha;
    const straight = request.fastForward === true && this.mergeBase(head, targetSha) === targetSha;
    const forwarded = straight ? this.#commits.get(head) : undefined;
    const commit =
      forwarded ?? this.#add({ parents: [targetSha, head], message: request.message, author, committer: author, tree });
    this.branches.set(target, commit.sha);
    return { merged: true, commit, squashCommit };
  }

  /** What the step from one commit to another changes when it is made on top of a third. */
  transplant(
    from: string | undefined,
    to: string | undefined,
    onto: string,
  ): { readonly changes: FileChange[] } | { readonly conflicts: readonly string[] } {
    const empty: Tree = new Map();
    const target = this.tree(onto);
    const { tree, conflicts } = mergeTrees(
      from === undefined ? empty : this.tree(from),
      target,
      to === undefined ? empty : this.tree(to),
    );
    if (conflicts.length > 0) return { conflicts };
    const changes: FileChange[] = [...target.keys()]
      .filter((path) => !tree.has(path))
      .map((path) => ({ path, content: undefined }));
    for (const [path, blob] of tree) {
      if (target.get(path)?.id !== blob.id) changes.push({ path, content: blob.content, executable: blob.executable });
    }
    return changes.length === 0 ? { conflicts: [] } : { changes };
  }

  /** Makes the commits between two again on top of a third; the new head, or undefined where they conflict. */
  rebase(base: string, head: string, onto: string, committer: CommitRecord["committer"]): string | undefined {
    let parent = onto;
    for (const commit of this.between(base, head).reverse()) {
      if (commit.parents.length > 1) continue;
      const from = commit.parents[0];
      const { tree, conflicts } = mergeTrees(
        from === undefined ? new Map() : this.tree(from),
        this.tree(parent),
        commit.tree,
      );
      if (conflicts.length > 0) return undefined;
      const { message, author } = commit;
      parent = this.#add({ parents: [parent], message, author, committer, tree }).sha;
    }
    return parent;
  }

  /** A repository with the same commits, branches and tags, as a fork begins. */
  fork(branches?: readonly string[]): Repository {
    const copy = new Repository(this.defaultBranch);
    for (const commit of this.#commits.values()) copy.#remember(commit);
    for (const [name, sha] of this.branches) {
      if (branches === undefined || branches.includes(name)) copy.branches.set(name, sha);
    }
    if (branches === undefined) for (const [name, tag] of this.tags) copy.tags.set(name, tag);
    for (const name of this.protectedBranches) copy.protectedBranches.add(name);
    return copy;
  }

  /** Takes over the commits of another repository, as a merge request from a fork does. */
  fetch(other: Repository): void {
    for (const commit of other.#commits.values()) this.#remember(commit);
  }

  #merged(source: string, target: string): { tree: Tree; conflicts: string[] } {
    const base = this.mergeBase(source, target);
    return mergeTrees(base === undefined ? new Map() : this.tree(base), this.tree(target), this.tree(source));
  }

  #add(commit: Omit<CommitRecord, "sha">): CommitRecord {
    return this.#remember({ sha: commitId(commit), ...commit });
  }

  #remember(commit: CommitRecord): CommitRecord {
    if (!this.#commits.has(commit.sha)) {
      this.#order.set(commit.sha, this.#order.size);
      this.#commits.set(commit.sha, commit);
    }
    return commit;
  }

  #place(sha: string): number {
    return this.#order.get(sha) ?? -1;
  }

  #sorted(shas: ReadonlySet<string>): CommitRecord[] {
    const commits = [...shas].flatMap((sha) => this.#commits.get(sha) ?? []);
    return commits.sort(
      (a, b) => b.committer.date.getTime() - a.committer.date.getTime() || this.#place(b.sha) - this.#place(a.sha),
    );
  }

  #ancestors(ref: string, firstParent = false): Set<string> {
    const seen = new Set<string>();
    const waiting = [this.resolve(ref)];
    for (let sha = waiting.pop(); sha !== undefined; sha = waiting.pop()) {
      if (seen.has(sha)) continue;
      seen.add(sha);
      const parents = this.#commits.get(sha)?.parents ?? [];
      waiting.push(...(firstParent ? parents.slice(0, 1) : parents));
    }
    return seen;
  }

  #touches(commit: CommitRecord, path: string): boolean {
    const folder = `${path.replace(/\/+$/, "")}/`;
    const seen = (tree: Tree): string =>
      tree.get(path)?.id ??
      [...tree]
        .filter(([name]) => name.startsWith(folder))
        .map(([name, blob]) => `${name} ${blob.id}`)
        .join("\n");
    const after = seen(commit.tree);
    const parents = commit.parents.map((parent) => this.tree(parent));
    return parents.length === 0 ? after !== "" : parents.every((tree) => seen(tree) !== after);
  }
}

function applyChanges(tree: Tree, changes: readonly FileChange[]): Tree {
  const next = new Map(tree);
  for (const { path, content, executable } of changes) {
    if (content === undefined) next.delete(path);
    else next.set(path, makeBlob(content, executable ?? tree.get(path)?.executable ?? false));
  }
  return next;
}
