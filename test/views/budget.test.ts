import { afterEach, describe, expect, test, vi } from "vitest";
import { fitValue } from "../../src/views/budget.js";
import { cutText } from "../../src/views/cut.js";
import { estimateTokens } from "../../src/views/estimate.js";

/** Characters that were looked at while estimating: what the time goes into. */
function counted(work: () => unknown): number {
  const spy = vi.spyOn(String.prototype, "matchAll");
  work();
  return spy.mock.contexts.reduce<number>((sum, text) => sum + String(text).length, 0);
}
afterEach(() => vi.restoreAllMocks());

const tokens = 7_850;
const diff = "+  const value = compute(x);\n".repeat(180);

test("a text has no more tokens than characters, so that a short one needs no estimate", () => {
  for (const text of ["", " 1 2", "aB", "{}[]()", "äöü", "日本語", "😀😀", "a\n\n b", "0123456789", "\u0000", "x-y_z"])
    expect(estimateTokens(text)).toBeLessThanOrEqual(text.length);
  expect(counted(() => fitValue({ title: "short" }, tokens))).toBe(0);
});

describe("the work of cutting does not grow with the answer", () => {
  test.each<[string, unknown]>([
    ["a description of 20 MB", { iid: 1, description: "word ".repeat(4_000_000) }],
    ["the same in lines", { iid: 1, description: "a line of words\n".repeat(1_250_000) }],
    ["1,000 diffs of 5 KB", { diffs: Array.from({ length: 1000 }, (_, n) => ({ new_path: `${n}.ts`, diff })) }],
    ["a list of 100,000 titles", { commits: Array.from({ length: 100_000 }, (_, n) => ({ title: `Commit ${n}` })) }],
  ])("%s", (_, value) => {
    const { value: fitted, cuts } = fitValue(value, tokens);
    expect(cuts.length).toBeGreaterThan(0);
    expect(estimateTokens(JSON.stringify(fitted))).toBeLessThanOrEqual(tokens);
    expect(JSON.stringify(fitted).length).toBeGreaterThan(tokens / 2);
    expect(counted(() => fitValue(value, tokens))).toBeLessThan(4_000_000);
  });

  test("a log of 20 MB", () => {
    const log = "a line of words\n".repeat(1_250_000);
    expect(counted(() => cutText(log, tokens, "end"))).toBeLessThan(400_000);
    expect(cutText(log, 100, "end")).toMatchObject({ of: 1_250_000 });
  });
});

test("what the next call needs stays whole", () => {
  const path = `${Array.from({ length: 60 }, (_, index) => `module${index}`).join("/")}/File.java`;
  const named = {
    new_path: path,
    commit_sha: "0123456789abcdef".repeat(60),
    web_url: `https://gitlab.example/${path}`,
    ref: path,
    source_branch: path,
    name: path,
  };
  const { value } = fitValue({ diffs: [{ ...named, diff: diff.repeat(20) }] }, 3_000);
  expect(value).toMatchObject({ diffs: [named] });
});

test("a name that does not fit by itself is cut all the same", () => {
  const { value } = fitValue({ name: "word ".repeat(100_000) }, 500);
  expect(estimateTokens(JSON.stringify(value))).toBeLessThanOrEqual(500);
  const names = fitValue({ names: Array.from({ length: 4 }, () => ({ name: "word ".repeat(800) })) }, 300);
  expect(estimateTokens(JSON.stringify(names.value))).toBeLessThanOrEqual(300);
});

test("lines are whole from either end, also blank ones", () => {
  const text = "\n\na\n\nb\n".repeat(500);
  const start = cutText(text, 50, "start");
  const end = cutText(text, 50, "end");
  expect(text.startsWith(start.text)).toBe(true);
  expect(text.endsWith(end.text)).toBe(true);
  for (const cut of [start, end]) {
    expect(cut.lines).toBe(cut.text.split("\n").length - 1);
    expect(cut.lines).toBeGreaterThan(20);
  }
});
