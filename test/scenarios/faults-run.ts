import { createGitLab, GitLabToolError, type GitLab, type GitLabAccount } from "gitlab-agent-tools";
import { createGitLabEmulator, type GitLabEmulator } from "gitlab-agent-tools/testing";
import {
  branchesList,
  issueGet,
  issueNoteCreate,
  issueNotesList,
  issuesList,
  issueUpdate,
  projectGet,
} from "gitlab-agent-tools/tools";
import { afterAll, beforeAll, expect } from "vitest";
import { startFaultyProxy, type FaultyProxy } from "../support/faulty-proxy.js";

const seed = 20_261_123;
const budgetMs = 3000;
const project_id = "acme/app";
const people = ["ada", "ben", "root"];

let emulator: GitLabEmulator;
let proxy: FaultyProxy;
let gitlab: GitLab;
let direct: GitLabAccount;
const repeats = new Map<string, number>();

beforeAll(async () => {
  emulator = await createGitLabEmulator();
  proxy = await startFaultyProxy(emulator.baseUrl, seed);
  gitlab = createGitLab({
    store: "memory:",
    connections: { gitlab: { baseUrl: proxy.baseUrl }, direct: { baseUrl: emulator.baseUrl } },
    limits: { perAccount: 20, perInstance: 50, attempts: 4 },
    onRetry: ({ reason }) => void repeats.set(String(reason), (repeats.get(String(reason)) ?? 0) + 1),
  });
  for (const username of people) {
    const token = emulator.tokens.create({ username, scopes: ["api"] });
    await gitlab.connectWithToken({ connectionName: "direct", identifier: username, token });
    await gitlab.connectWithToken({ identifier: username, token });
  }
  proxy.begin();
  direct = gitlab.as("ada", { connectionName: "direct" });
});

afterAll(async () => {
  await gitlab.close();
  await proxy.close();
  await emulator.close();
});

type Kind = "read" | "harmless write" | "write";

interface Outcome {
  readonly kind: Kind;
  readonly marker: string;
  readonly error?: unknown;
  readonly ms: number;
}

/** Six kinds of call; each is the only one of its words, so that what became of it can be told. */
function make(account: GitLabAccount, index: number): { kind: Kind; marker: string; run: () => Promise<unknown> } {
  const marker = `call-${index}-`;
  const options = { timeoutMs: budgetMs };
  const issue_iid = (index % 20) + 1;
  switch (index % 6) {
    case 0:
    case 1:
      return {
        kind: "write",
        marker,
        run: () => issueNoteCreate(account, { project_id, issue_iid: 1, body: marker }, options),
      };
    case 2:
      return {
        kind: "harmless write",
        marker,
        run: () => issueUpdate(account, { project_id, issue_iid, description: marker }, options),
      };
    case 3:
      return { kind: "read", marker, run: () => issuesList(account, { project_id, search: marker }, options) };
    case 4:
      return { kind: "read", marker, run: () => branchesList(account, { project_id, search: marker }, options) };
    default:
      return index % 2 === 0
        ? { kind: "read", marker, run: () => projectGet(account, { project_id }, options) }
        : { kind: "read", marker, run: () => issueGet(account, { project_id, issue_iid }, options) };
  }
}

/**
 * So many calls through a proxy that drops, delays, cuts and refuses, always the same way for the same seed: every one
 * ends in a result or a classified error, and no write happens twice.
 *
 * @returns how long the longest call took, and how long any of them had, in milliseconds
 */
export async function checkFaults(calls: number): Promise<{ longestMs: number; budgetMs: number }> {
  const began = performance.now();
  const outcomes: Outcome[] = [];
  let next = 0;
  const worker = async (): Promise<void> => {
    for (let index = next++; index < calls; index = next++) {
      const { kind, marker, run } = make(gitlab.as(people[index % people.length] ?? "ada"), index);
      const start = performance.now();
      const error: unknown = await run().then(
        () => undefined,
        (thrown: unknown) => thrown,
      );
      outcomes.push({ kind, marker, ms: performance.now() - start, ...(error !== undefined && { error }) });
    }
  };
  await Promise.all(Array.from({ length: 50 }, worker));
  const seconds = (performance.now() - began) / 1000;

  const written = new Map<string, number>();
  for await (const { body } of issueNotesList.pages(direct, { project_id, issue_iid: 1, per_page: 100 })) {
    written.set(body, (written.get(body) ?? 0) + 1);
  }
  print(outcomes, written, seconds);

  expect(outcomes).toHaveLength(calls);
  for (const { error } of outcomes) {
    if (error === undefined) continue;
    expect(error).toBeInstanceOf(GitLabToolError);
    expect((error as GitLabToolError).code).not.toBe("internal");
  }
  for (const { marker, error } of outcomes.filter(({ kind }) => kind === "write")) {
    const times = written.get(marker) ?? 0;
    const told = `${marker}: ${error instanceof Error ? error.message : "done"}`;
    if (error === undefined) expect([told, times]).toEqual([told, 1]);
    else if (error instanceof GitLabToolError) {
      // Where the error says that it can be repeated, nothing has happened; where it says "done", it has.
      if (error.retryable) expect([told, times]).toEqual([told, 0]);
      else if (error.message.includes("has carried the request out")) expect([told, times]).toEqual([told, 1]);
      else {
        expect([told, times <= 1]).toEqual([told, true]);
        expect(told).toMatch(/may have been carried out/);
      }
    }
  }
  return { longestMs: Math.max(...outcomes.map(({ ms }) => ms)), budgetMs };
}

function print(outcomes: readonly Outcome[], written: ReadonlyMap<string, number>, seconds: number): void {
  const times = outcomes.map(({ ms }) => ms).toSorted((a, b) => a - b);
  const at = (share: number): string => `${Math.round(times[Math.floor(share * (times.length - 1))] ?? 0)} ms`;
  const codes = new Map<string, number>();
  for (const { kind, error } of outcomes) {
    const name = `${kind}: ${error instanceof GitLabToolError ? error.code : error === undefined ? "result" : "?"}`;
    codes.set(name, (codes.get(name) ?? 0) + 1);
  }
  const list = (map: ReadonlyMap<string, number>): string =>
    [...map]
      .toSorted(([a], [b]) => a.localeCompare(b))
      .map(([name, count]) => `${name} ${count}`)
      .join(", ");
  const twice = [...written].filter(([body, count]) => body.startsWith("call-") && count > 1).length;
  console.log(
    [
      `${outcomes.length} calls in ${seconds.toFixed(1)} s, seed ${seed}, budget ${budgetMs} ms each`,
      `mishaps: ${list(proxy.counts)}`,
      `outcomes: ${list(codes)}`,
      `retries: ${list(repeats)}`,
      `time per call: median ${at(0.5)}, 99 % ${at(0.99)}, longest ${at(1)}`,
      `notes written twice: ${twice}`,
    ].join("\n"),
  );
}
