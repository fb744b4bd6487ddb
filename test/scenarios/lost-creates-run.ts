import { setTimeout as delay } from "node:timers/promises";
import { createGitLab, GitLabToolError, type GitLab } from "gitlab-agent-tools";
import { createGitLabEmulator } from "gitlab-agent-tools/testing";
import { branchCreate, tools } from "gitlab-agent-tools/tools";
import { expect } from "vitest";
import { startFaultyProxy, type Mishap } from "../support/faulty-proxy.js";
import { options, type Kind } from "./lost-creates-kind.js";
import { kinds } from "./lost-creates-kinds.js";

const at = (thing: unknown, path: string): unknown =>
  path
    .split(".")
    .reduce<unknown>((found, name) => (found as Record<string, unknown> | null | undefined)?.[name], thing);

/** Every fifth create is made twice at once, of each kind another. */
const isTwin = (index: number, kinds: number): boolean => (Math.floor(index / kinds) + index) % 5 === 0;

/**
 * So many creates of all kinds through a proxy that drops, delays, cuts and refuses. None is made twice, and what is
 * said of each is so: made, with the thing; or not; or unknown.
 */
export async function checkLostCreates(creates: number, without: readonly Mishap[] = []): Promise<void> {
  const emulator = await createGitLabEmulator({ plan: "premium" });
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
    expect(
      Object.values(kinds)
        .map(({ tool }) => tool)
        .sort(),
    ).toEqual(
      Object.values(tools)
        .flatMap(({ definition: { name, lost } }) => (lost?.match ? [name] : []))
        .sort(),
    );
    for (const branch of ["commits", "files", "changes", "reverts", "picked", "picks", "changelogs"])
      await branchCreate(direct, { project_id: "acme/app", branch, ref: "main" });
    const calls = Array.from({ length: creates }, (_, index) => ({
      kind: names[index % names.length] ?? "",
      word: `lost-${index}-x`,
      twin: isTwin(index, names.length),
    }));
    for (const { kind, word } of calls) await kinds[kind]?.before?.(direct, word);
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

    const told = new Map<string, Record<"made" | "found again" | "not made" | "unknown", number>>();
    for (const [
      kind,
      { words, field, answers = field, shown = String, answered = shown, isShared, isSecret },
    ] of Object.entries(kinds)) {
      const things: unknown[] = [];
      for await (const thing of words(direct)) things.push(at(thing, field));
      const ofKind = { made: 0, "found again": 0, "not made": 0, unknown: 0 };
      told.set(kind, ofKind);
      for (const { word, twin } of calls.filter((call) => call.kind === kind)) {
        const times = things.filter((thing) => thing === shown(word)).length;
        const results = ends.get(`${kind} ${word}`) ?? [];
        const found = results.filter(
          (one) => isSecret && one instanceof GitLabToolError && / is lost\./.test(one.message),
        );
        const made = results.filter((result) => "data" in result || found.includes(result));
        const maybe = results.filter(
          (result) =>
            result instanceof GitLabToolError &&
            !found.includes(result) &&
            /may have been carried out|has carried the request out|it may be its work/.test(result.message),
        );
        const what = `${kind} ${word}${twin ? " twice" : ""}: ${results.map((one) => (one instanceof GitLabToolError ? one.message : "made")).join(" / ")}`;
        // No more than was asked for, all that is said to be there, and nothing beyond what is said or left open.
        expect([what, times <= results.length]).toEqual([what, true]);
        expect([what, isShared ? made.length === 0 || times === 1 : made.length <= times]).toEqual([what, true]);
        expect([what, times <= made.length + maybe.length]).toEqual([what, true]);
        ofKind["found again"] += found.length;
        for (const result of made) {
          if (!("data" in result)) continue;
          expect([what, at(result.data, answers)]).toEqual([what, answered(word)]);
          ofKind[(result as { warnings?: unknown }).warnings ? "found again" : "made"] += 1;
        }
        ofKind.unknown += maybe.length;
        ofKind["not made"] += results.length - made.length - maybe.length;
      }
    }
    const sum = (end: "made" | "found again" | "not made" | "unknown"): number =>
      [...told.values()].reduce((all, ofKind) => all + ofKind[end], 0);
    console.log(
      `${creates} creates of ${names.length} kinds, a fifth of them twice at once: ${sum("made")} made, ` +
        `${sum("found again")} found again, ${sum("not made")} not made, ${sum("unknown")} unknown`,
    );
    if (creates > 1000) {
      console.table(Object.fromEntries(told));
      for (const [kind, ofKind] of told) expect([kind, ofKind["found again"] + ofKind.made > 0]).toEqual([kind, true]);
    }
    expect(sum("found again")).toBeGreaterThan(creates / 50);
  } finally {
    await gitlab.close();
    await proxy.close();
    await emulator.close();
  }
}
