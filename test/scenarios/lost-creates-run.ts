import { setTimeout as delay } from "node:timers/promises";
import { createGitLab, GitLabToolError, type GitLab, type GitLabAccount } from "gitlab-agent-tools";
import { createGitLabEmulator } from "gitlab-agent-tools/testing";
import {
  branchCreate,
  branchesList,
  issueCreate,
  issueNoteCreate,
  issueNotesList,
  issuesList,
  labelCreate,
  issueLabelsList,
  mergeRequestCreate,
  mergeRequestNoteCreate,
  mergeRequestNotesList,
  mergeRequestsList,
  milestoneCreate,
  milestonesList,
  projectSnippetCreate,
  projectSnippetsList,
  releaseCreate,
  releasesList,
  tagCreate,
  tagsList,
} from "gitlab-agent-tools/tools";
import { expect } from "vitest";
import { startFaultyProxy, type Mishap } from "../support/faulty-proxy.js";

const project_id = "acme/app";
const where = { project_id };
/** As much as a busy machine needs; what is never answered takes it all. */
const options = { timeoutMs: 30_000 };

/** A kind of thing: how one is made of a word of its own, and the words of all that there are. */
interface Kind {
  readonly make: (account: GitLabAccount, word: string) => Promise<{ readonly data: unknown }>;
  readonly words: (account: GitLabAccount) => Promise<readonly unknown[]>;
  /** The field with the word. */
  readonly field: string;
}

const all = { per_page: 100 };

async function listed(items: AsyncIterable<unknown>): Promise<unknown[]> {
  const read: unknown[] = [];
  for await (const item of items) read.push(item);
  return read;
}

const kinds: Readonly<Record<string, Kind>> = {
  issue: {
    make: (account, title) => issueCreate(account, { ...where, title }, options),
    words: (account) => listed(issuesList.pages(account, { ...where, ...all })),
    field: "title",
  },
  "issue note": {
    make: (account, body) => issueNoteCreate(account, { ...where, issue_iid: 1, body }, options),
    words: (account) => listed(issueNotesList.pages(account, { ...where, issue_iid: 1, ...all })),
    field: "body",
  },
  "merge request note": {
    make: (account, body) => mergeRequestNoteCreate(account, { ...where, merge_request_iid: 1, body }, options),
    words: (account) => listed(mergeRequestNotesList.pages(account, { ...where, merge_request_iid: 1, ...all })),
    field: "body",
  },
  "merge request": {
    make: (account, title) =>
      mergeRequestCreate(account, { ...where, title, source_branch: `for-${title}`, target_branch: "main" }, options),
    words: (account) => listed(mergeRequestsList.pages(account, { ...where, ...all })),
    field: "title",
  },
  milestone: {
    make: (account, title) => milestoneCreate(account, { ...where, title }, options),
    words: (account) => listed(milestonesList.pages(account, { ...where, ...all })),
    field: "title",
  },
  label: {
    make: (account, name) => labelCreate(account, { ...where, name, color: "#112233" }, options),
    words: (account) => listed(issueLabelsList.pages(account, { ...where, ...all })),
    field: "name",
  },
  snippet: {
    make: (account, title) =>
      projectSnippetCreate(
        account,
        { ...where, title, file_name: "a.txt", content: "x", visibility: "private" },
        options,
      ),
    words: (account) => listed(projectSnippetsList.pages(account, { ...where, ...all })),
    field: "title",
  },
  branch: {
    make: (account, branch) => branchCreate(account, { ...where, branch, ref: "main" }, options),
    words: (account) => listed(branchesList.pages(account, { ...where, ...all })),
    field: "name",
  },
  tag: {
    make: (account, tag_name) => tagCreate(account, { ...where, tag_name, ref: "main" }, options),
    words: (account) => listed(tagsList.pages(account, { ...where, ...all })),
    field: "name",
  },
  release: {
    make: (account, tag_name) => releaseCreate(account, { ...where, tag_name, ref: "main", description: "x" }, options),
    words: (account) => listed(releasesList.pages(account, { ...where, ...all })),
    field: "tag_name",
  },
};

/** Every fifth create is made twice at once. */
const isTwin = (index: number): boolean => Math.floor(index / 10) % 5 === 0;

/**
 * So many creates of all kinds through a proxy that drops, delays, cuts and refuses. None is made twice, and what is
 * said of each is so: made, with the thing; or not; or unknown.
 */
export async function checkLostCreates(creates: number, without: readonly Mishap[] = []): Promise<void> {
  const emulator = await createGitLabEmulator();
  const proxy = await startFaultyProxy(emulator.baseUrl, 20_261_127, { without });
  const gitlab: GitLab = createGitLab({
    store: "memory:",
    connections: { gitlab: { baseUrl: proxy.baseUrl }, direct: { baseUrl: emulator.baseUrl } },
    // Waiting is as long as it has to be for GitLab, which this one is not.
    sleep: (ms, signal) => delay(ms / 20, undefined, { signal }),
    limits: { perAccount: 50, perInstance: 50, attempts: 4 },
    lookups: options,
  });
  try {
    const token = emulator.tokens.create({ username: "root", scopes: ["api"] });
    await gitlab.connectWithToken({ identifier: "root", token });
    await gitlab.connectWithToken({ connectionName: "direct", identifier: "root", token });
    const [account, direct] = [gitlab.as("root"), gitlab.as("root", { connectionName: "direct" })];
    const names = Object.keys(kinds);
    const calls = Array.from({ length: creates }, (_, index) => ({
      kind: names[index % names.length] ?? "",
      word: `lost-${index}-x`,
      twin: isTwin(index),
    }));
    for (const { word } of calls.filter((call) => call.kind === "merge request"))
      await branchCreate(direct, { ...where, branch: `for-${word}`, ref: "main" });
    proxy.begin();
    const ends = new Map<string, (GitLabToolError | { readonly data: unknown })[]>();
    const waiting = calls.flatMap((call) => (call.twin ? [[call, call]] : [[call]]));
    const worker = async (): Promise<void> => {
      for (let next = waiting.shift(); next; next = waiting.shift()) {
        const results = await Promise.all(
          next.map(({ kind, word }) =>
            (kinds[kind] as Kind).make(account, word).catch((error: unknown) => {
              if (error instanceof GitLabToolError) return error;
              throw error;
            }),
          ),
        );
        for (const { kind, word } of next.slice(0, 1)) ends.set(`${kind} ${word}`, results);
      }
    };
    await Promise.all(Array.from({ length: 12 }, worker));

    const told = { made: 0, "found again": 0, "not made": 0, unknown: 0 };
    for (const [kind, { words, field }] of Object.entries(kinds)) {
      const things = await words(direct);
      for (const { word, twin } of calls.filter((call) => call.kind === kind)) {
        const times = things.filter((thing) => (thing as Record<string, unknown>)[field] === word).length;
        const results = ends.get(`${kind} ${word}`) ?? [];
        const made = results.filter((result) => !(result instanceof GitLabToolError));
        const maybe = results.filter(
          (result) =>
            result instanceof GitLabToolError &&
            /may have been carried out|has carried the request out|it may be its work/.test(result.message),
        );
        const what = `${kind} ${word}${twin ? " twice" : ""}: ${results.map((one) => (one instanceof GitLabToolError ? one.message : "made")).join(" / ")}`;
        // No more than was asked for, all that is said to be there, and nothing beyond what is said or left open.
        expect([what, times <= results.length]).toEqual([what, true]);
        expect([what, made.length <= times]).toEqual([what, true]);
        expect([what, times <= made.length + maybe.length]).toEqual([what, true]);
        for (const result of made) {
          expect([what, (result as { data: Record<string, unknown> }).data[field]]).toEqual([what, word]);
          told[(result as { warnings?: unknown }).warnings ? "found again" : "made"] += 1;
        }
        told.unknown += maybe.length;
        told["not made"] += results.length - made.length - maybe.length;
      }
    }
    console.log(`${creates} creates, a fifth of them twice at once: ${JSON.stringify(told)}`);
    expect(told["found again"]).toBeGreaterThan(creates / 50);
  } finally {
    await gitlab.close();
    await proxy.close();
    await emulator.close();
  }
}
