import { createGitLab, GitLabToolError, type GitLabAccount } from "gitlab-agent-tools";
import { createGitLabEmulator, type GitLabEmulator } from "gitlab-agent-tools/testing";
import {
  branchCreate,
  commitCreate,
  mergeRequestComment,
  mergeRequestCreate,
  mergeRequestDiffGet,
  mergeRequestDiscussionGet,
  mergeRequestGet,
  projectCreate,
  type CommitCreateInput,
} from "gitlab-agent-tools/tools";
import { findLineCode } from "../../src/testing/reviews/positions.js";
import { diffLines, lineAt, textPosition, unfolded, type Side } from "../../src/workflows/diff-position.js";

// Generated merge requests, and a comment on each of their lines. Which lines there are is known from how the files were
// made; whether GitLab takes a position is the emulator's to say, which looks for lines by code of its own.

type Action = CommitCreateInput["actions"][number];

/** A file of a merge request, as it was made. */
interface Made {
  readonly kind: string;
  readonly oldPath?: string;
  readonly newPath?: string;
  readonly before?: string;
  readonly after?: string;
  /** Lines of it can be commented on. */
  readonly open: boolean;
  readonly binary?: Buffer;
}

/** What went wrong, a line each, and how many lines were tried. */
export interface Outcome {
  comments: number;
  refusals: number;
  lines: number;
  readonly wrong: string[];
}

/** Numbers from a seed (mulberry32), so that a failure can be seen again. */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const integer = (random: () => number, least: number, most: number): number =>
  least + Math.floor(random() * (most - least + 1));
const pick = <Item>(random: () => number, items: readonly Item[]): Item =>
  items[integer(random, 0, items.length - 1)] as Item;

/** Lines of which some are alike, empty, long, or look like a diff's own. */
function someLines(random: () => number, count: number): string[] {
  const odd = ["", "}", "  return;", "-- rule", "++ plus", "@@ -1 +1 @@", "\\ No newline at end of file"];
  return Array.from({ length: count }, (_, index) =>
    random() < 0.25
      ? pick(random, odd)
      : `${random() < 0.05 ? "long ".repeat(600) : ""}line ${index} ${Math.floor(random() * 1e9).toString(36)}`,
  );
}

function changedLines(random: () => number, lines: readonly string[]): string[] {
  const changed = [...lines];
  for (let edits = integer(random, 1, 4); edits > 0; edits -= 1) {
    const at = integer(random, 0, changed.length - 1);
    const kind = random();
    if (kind < 0.35) changed.splice(at, 0, ...someLines(random, integer(random, 1, 4)));
    else if (kind < 0.6 && changed.length > 4) changed.splice(at, integer(random, 1, 3));
    else if (kind < 0.85) changed[at] = `edited ${Math.floor(random() * 1e9).toString(36)}`;
    else changed.splice(integer(random, 0, changed.length), 0, ...changed.splice(at, integer(random, 1, 6)));
  }
  return changed.join("\n") === lines.join("\n") || changed.length === 0 ? [...lines, "one more"] : changed;
}

function makeFiles(random: () => number): Made[] {
  const text = (lines: readonly string[], end: string, last: boolean): string => lines.join(end) + (last ? end : "");
  const files: Made[] = [];
  const count = integer(random, 2, 5);
  for (let index = 0; index < count; index += 1) {
    const path = `${pick(random, ["src", "lib/deep", "docs"])}/file ${index}.txt`;
    const end = random() < 0.2 ? "\r\n" : "\n";
    const lines = someLines(random, integer(random, 8, 45));
    const before = text(lines, end, random() < 0.75);
    const after = text(changedLines(random, lines), end, random() < 0.75);
    const kind = pick(random, ["edited", "edited", "edited", "added", "deleted", "renamed", "moved and edited"]);
    if (kind === "added") files.push({ kind, newPath: path, after, open: true });
    else if (kind === "deleted") files.push({ kind, oldPath: path, before, open: true });
    else if (kind === "renamed")
      files.push({ kind, oldPath: path, newPath: `${path}.moved`, before, after: before, open: false });
    else if (kind === "moved and edited") {
      // Little enough is changed for it to stay the same file.
      const moved = text(["a new first line", ...lines], end, true);
      files.push({
        kind,
        oldPath: path,
        newPath: `${path}.moved`,
        before: text(lines, end, true),
        after: moved,
        open: true,
      });
    } else files.push({ kind, oldPath: path, newPath: path, before, after, open: true });
  }
  if (random() < 0.5)
    files.push({
      kind: "binary",
      oldPath: "logo.png",
      newPath: "logo.png",
      open: false,
      binary: Buffer.from([0, 1, 2]),
    });
  files.push({
    kind: "untouched",
    oldPath: "same.txt",
    newPath: "same.txt",
    before: "a\nb\n",
    after: "a\nb\n",
    open: false,
  });
  return files;
}

/** How many lines a text has. */
const lengthOf = (text = ""): number => (text === "" ? 0 : text.replace(/\n$/, "").split("\n").length);
const lineOf = (text = "", number: number): string | undefined => text.replace(/\n$/, "").split("\n")[number - 1];

/** What a generated review is made in. */
export interface ReviewSetup {
  readonly emulator: GitLabEmulator;
  readonly account: GitLabAccount;
  readonly close: () => Promise<void>;
}

export const project_id = "ada/places";

export async function openReview(): Promise<ReviewSetup> {
  const emulator = await createGitLabEmulator();
  const gitlab = createGitLab({ store: "memory:", connections: { gitlab: { baseUrl: emulator.baseUrl } } });
  await gitlab.connectWithToken({
    identifier: "ada",
    token: emulator.tokens.create({ username: "ada", scopes: ["api"] }),
  });
  const account = gitlab.as("ada");
  await projectCreate(account, { name: "places", initialize_with_readme: true });
  const close = async (): Promise<void> => {
    await gitlab.close();
    await emulator.close();
  };
  return { emulator, account, close };
}

async function openMergeRequest(account: GitLabAccount, seed: number, files: readonly Made[]): Promise<number> {
  const commit = async (branch: string, actions: Action[]): Promise<void> => {
    await commitCreate(account, { project_id, branch, commit_message: branch, actions });
  };
  const base = `base-${seed}`;
  const head = `head-${seed}`;
  await branchCreate(account, { project_id, branch: base, ref: "main" });
  await commit(
    base,
    files.flatMap(({ oldPath, before, binary }): Action[] => {
      if (oldPath === undefined) return [];
      if (binary)
        return [{ action: "create", file_path: oldPath, content: binary.toString("base64"), encoding: "base64" }];
      return [{ action: "create", file_path: oldPath, content: before ?? "" }];
    }),
  );
  await branchCreate(account, { project_id, branch: head, ref: base });
  await commit(
    head,
    files.flatMap(({ kind, oldPath, newPath, before, after, binary }): Action[] => {
      if (kind === "untouched") return [];
      if (binary && newPath !== undefined)
        return [
          {
            action: "update",
            file_path: newPath,
            content: Buffer.from([0, 9, 9]).toString("base64"),
            encoding: "base64",
          },
        ];
      if (newPath === undefined) return oldPath === undefined ? [] : [{ action: "delete", file_path: oldPath }];
      if (oldPath === undefined) return [{ action: "create", file_path: newPath, content: after ?? "" }];
      if (oldPath !== newPath)
        return [{ action: "move", file_path: newPath, previous_path: oldPath, content: after ?? "" }];
      return before === after ? [] : [{ action: "update", file_path: newPath, content: after ?? "" }];
    }),
  );
  const { data } = await mergeRequestCreate(account, {
    project_id,
    source_branch: head,
    target_branch: base,
    title: head,
  });
  return data.iid;
}

/** Makes a merge request and comments on it: every line by its position, some of them by the tool. */
export async function commentEverywhere(
  { emulator, account }: ReviewSetup,
  seed: number,
  byTool: number,
  outcome: Outcome,
): Promise<void> {
  const random = randomFrom(seed);
  const files = makeFiles(random);
  const merge_request_iid = await openMergeRequest(account, seed, files);
  const ref = { project_id, merge_request_iid };
  const { diff_refs: refs } = (await mergeRequestGet(account, ref)).data;
  const { data: diffs } = await mergeRequestDiffGet(account, { ...ref, per_page: 100 });
  const repository = emulator.state.projectByPath(project_id)?.repository;
  if (!repository || !refs?.base_sha || !refs.start_sha || !refs.head_sha) throw new Error("no diff to comment on");
  const { base_sha, start_sha, head_sha } = refs;
  const tries: { file: Made; side: Side; number: number; right: boolean }[] = [];

  for (const file of files) {
    const { oldPath, newPath } = file;
    const diff = diffs.find((one) => one.new_path === (newPath ?? oldPath) && one.old_path === (oldPath ?? newPath));
    for (const side of ["old", "new"] as const) {
      const [path, text] = side === "old" ? [oldPath, file.before] : [newPath, file.after];
      const length = path === undefined || !file.open ? 0 : lengthOf(text);
      for (let number = 1; number <= length + 2; number += 1) {
        const right = number <= length;
        tries.push({ file, side, number, right });
        if (!right || !diff) {
          if (right) outcome.wrong.push(`${seed} ${file.kind} ${path ?? ""}: is not in the diff`);
          continue;
        }
        outcome.lines += 1;
        const line = lineAt(diffLines(diff.diff), side, number) ?? unfolded(diff, side, number);
        const position = line && textPosition({ base_sha, start_sha, head_sha }, diff, line);
        const where = `${seed} ${file.kind} ${path ?? ""} ${side} ${number}`;
        if (!position) {
          outcome.wrong.push(`${where}: no position`);
          continue;
        }
        const { old_line = null, new_line = null } = position;
        if (findLineCode(repository, { ...position, old_line, new_line }) === undefined)
          outcome.wrong.push(`${where}: GitLab does not find ${String(old_line)}, ${String(new_line)}`);
        if ((side === "old" ? old_line : new_line) !== number) outcome.wrong.push(`${where}: is another line`);
        if (old_line !== null && new_line !== null && lineOf(file.before, old_line) !== lineOf(file.after, new_line))
          outcome.wrong.push(`${where}: the sides do not say the same`);
      }
    }
  }

  for (let left = byTool; left > 0; left -= 1) {
    const wanted = pick(random, tries);
    const { file, side, number, right } = wanted;
    const path = (side === "old" ? file.oldPath : file.newPath) ?? file.newPath ?? file.oldPath ?? "";
    const where = `${seed} ${file.kind} ${path} ${side} ${number} by the tool`;
    const comment = { ...ref, body: `On ${where}`, file: path, side, line: number };
    try {
      const { data } = await mergeRequestComment(account, comment);
      outcome.comments += 1;
      if (!right) outcome.wrong.push(`${where}: was not refused`);
      const thread = await mergeRequestDiscussionGet(account, { ...ref, discussion_id: data.discussion_id ?? "" });
      const position = thread.data.notes?.[0]?.position;
      if ((side === "old" ? position?.old_line : position?.new_line) !== number)
        outcome.wrong.push(`${where}: stands at ${JSON.stringify(position)}`);
      if (data.code !== lineOf(side === "old" ? file.before : file.after, number))
        outcome.wrong.push(`${where}: says ${JSON.stringify(data.code)}`);
    } catch (error) {
      if (!(error instanceof GitLabToolError)) throw error;
      outcome.refusals += 1;
      if (right || error.code !== "invalid_input" || !error.hint) outcome.wrong.push(`${where}: ${error.message}`);
    }
  }
}
