import { readFileSync } from "node:fs";
import { encode } from "gpt-tokenizer/encoding/o200k_base";
import { describe, expect, test } from "vitest";
import { fitValue } from "../../src/views/budget.js";
import { cutText } from "../../src/views/cut.js";
import { estimateTokens } from "../../src/views/estimate.js";
import { toModelAnswer, toModelText, type ShownResult } from "../../src/views/model-text.js";

const tool = { answer: "json", parameters: { per_page: {}, page: {} } };
const source = (path: string): string => readFileSync(new URL(`../../${path}`, import.meta.url), "utf8");
const numbered = (count: number): string => Array.from({ length: count }, (_, line) => `line ${line + 1}\n`).join("");

describe("data that is nested without end", () => {
  const nested = (depth: number, inner: unknown): unknown => {
    let data = inner;
    for (let level = 0; level < depth; level += 1) data = level % 2 === 0 ? { a: data } : [data];
    return data;
  };
  const circular: { self?: unknown } = {};
  circular.self = circular;
  test.each<[string, string, unknown]>([
    ["an object", "json", { a: nested(50_000, 1) }],
    ["a list", "json", [nested(50_000, 1)]],
    ["an object that holds itself", "json", circular],
    ["what is known of a file", "file", { content: "text", encoding: "text", more: nested(50_000, 1) }],
    ["what is known of a download", "binary", { size: 1, more: nested(50_000, 1) }],
  ])("is said to be so: %s", (_, answer, data) => {
    const shown = toModelAnswer({ answer, parameters: {} }, { data, status: 200, warnings: ["Look out."] });
    expect(shown.text).toBe(
      "[Warning: Look out.]\n[It is nested too deeply to be shown: ask for fewer fields, or for a part of it]",
    );
    expect(shown.structured).toEqual({ text: "", warnings: ["Look out."] });
  });
});

describe("the estimate", () => {
  test.each<[string, string]>([
    ["prose", source("README.md") + source("CONTRIBUTING.md")],
    ["code", source("src/tools/validate.ts")],
    ["JSON", source("generated/manifest.json").slice(0, 50_000)],
    ["minified JSON", JSON.stringify(JSON.parse(source("generated/manifest.json"))).slice(0, 50_000)],
    ["YAML", source("spec/tools/issues.yaml")],
    ["code inside of JSON", JSON.stringify(source("src/tools/validate.ts"))],
    ["German", "Die Überprüfung der Zugriffsrechte schlägt fehl, wenn das Passwort abgelaufen ist. ".repeat(30)],
    ["Russian", "Если конвейер завершился с ошибкой, проверьте журнал задания. ".repeat(30)],
    ["Chinese", "当合并请求的流水线失败时，请检查作业日志并重新运行失败的测试。".repeat(30)],
    ["shas", Array.from({ length: 99 }, (_, i) => (i * 2654435761).toString(16).padStart(8, "0").repeat(5)).join("\n")],
    ["base64", Buffer.from(source("package-lock.json").slice(0, 6000)).toString("base64")],
  ])("is near what the tokenizer makes of %s, and seldom below", (_, text) => {
    const ratio = estimateTokens(text) / encode(text).length;
    expect(ratio).toBeGreaterThan(0.85);
    expect(ratio).toBeLessThan(1.8);
  });
});

describe("cutting text", () => {
  test("keeps whole lines, from the start or from the end", () => {
    const text = numbered(1000);
    for (const keep of ["start", "end"] as const) {
      const cut = cutText(text, 100, keep);
      expect(estimateTokens(cut.text)).toBeLessThanOrEqual(100);
      expect(estimateTokens(cut.text)).toBeGreaterThan(80);
      expect(cut).toMatchObject({ lines: cut.text.split("\n").length - 1, of: 1000 });
      expect(keep === "start" ? text.startsWith(cut.text) : text.endsWith(cut.text)).toBe(true);
    }
  });

  test("what fits stays", () => {
    expect(cutText("a\nb\n", 100, "start")).toEqual({ text: "a\nb\n", lines: 2, of: 2 });
    expect(cutText("", 100, "end")).toEqual({ text: "", lines: 0, of: 0 });
  });

  test("a line longer than the budget is cut in itself, between characters", () => {
    const line = "🚀".repeat(10_000);
    const cut = cutText(`${line}\nmore`, 101, "start");
    expect(estimateTokens(cut.text)).toBeLessThanOrEqual(101);
    expect(cut.text.length).toBeGreaterThan(50);
    expect(cut.text.isWellFormed()).toBe(true);
    expect(cutText(`more\n${line}`, 101, "end").text.isWellFormed()).toBe(true);
  });
});

describe("lists", () => {
  const issues = Array.from({ length: 20 }, (_, index) => ({
    iid: index + 1,
    title: `Issue ${index + 1}`,
    ...(index % 2 === 0 && { labels: ["bug"] }),
    milestone: { id: 5, title: "v1" },
    web_url: `https://gitlab.example/acme/app/-/issues/${index + 1}`,
  }));
  const page = { page: 1, perPage: 20, nextPage: 2, total: 57, totalPages: 3, hasMore: true };

  test("say how many and whether more; names, links and columns once", () => {
    expect(toModelText(tool, { data: issues, page, status: 200 }).split("\n").slice(0, 5)).toEqual([
      '20 items of 57, page 1 of 3; more: "page": 2.',
      "web_url: https://gitlab.example/acme/app/-/issues/{iid}",
      '["iid","title","labels","milestone.id","milestone.title"]',
      '[1,"Issue 1",["bug"],5,"v1"]',
      '[2,"Issue 2",null,5,"v1"]',
    ]);
  });

  test.each<[ShownResult["page"], number, string]>([
    [{ hasMore: false }, 0, "No items."],
    [{ hasMore: false, page: 1, perPage: 20, total: 1 }, 1, "1 item."],
    [{ hasMore: false, page: 3, perPage: 20, total: 57, totalPages: 3 }, 17, "17 items of 57, page 3, the last."],
    [{ hasMore: false, page: 9, perPage: 20, total: 57, totalPages: 3 }, 0, "No items on this page; 57 in all."],
    [{ hasMore: true, page: 1, perPage: 20, nextPage: 2 }, 20, '20 items, page 1; more: "page": 2.'],
    [{ hasMore: true }, 20, "20 items; more: narrow the filters to see them."],
    [undefined, 2, "2 items."],
  ])("%j with %i", (where, count, line) => {
    const data = Array.from({ length: count }, (_, id) => ({ id }));
    expect(toModelText(tool, { data, ...(where && { page: where }), status: 200 }).split("\n")[0]).toBe(line);
  });

  test("objects where rows would be longer, and links as they are where they are of several kinds", () => {
    const data = [
      { id: 1, web_url: "https://a/1" },
      { name: "x", web_url: "https://b/x" },
    ];
    expect(toModelText(tool, { data, status: 200 })).toBe(
      `2 items.\n${data.map((one) => JSON.stringify(one)).join("\n")}`,
    );
  });

  test("over the budget: whole items, and the call that has the next ones", () => {
    const data = issues.map((issue) => ({ ...issue, description: `${"word ".repeat(80)}` }));
    const text = toModelText(tool, { data, page, status: 200 }, { maxResultTokens: 1000 });
    const lines = text.split("\n");
    expect(lines[0]).toMatch(/^20 items of 57, page 1 of 3; the first \d+:$/);
    const shown = lines.filter((line) => /^\[\d+,/.test(line)).length;
    expect(shown).toBeGreaterThan(3);
    expect(lines.at(-1)).toBe(`[${20 - shown} more of this page left out: "per_page": ${shown}, "page": 2]`);
    expect(encode(text).length).toBeLessThan(1000);
  });

  test("on a later page, the next call begins no later than where this one ended", () => {
    const data = issues.map((issue) => ({ ...issue, description: `${"word ".repeat(80)}` }));
    for (const maxResultTokens of [500, 700, 1000, 1500]) {
      for (const current of [1, 2, 3, 7]) {
        const where = { ...page, page: current };
        const text = toModelText(tool, { data, page: where, status: 200 }, { maxResultTokens });
        const [, left, size, next] = /\[(\d+) more .*"per_page": (\d+), "page": (\d+)\]/.exec(text) ?? [];
        const begins = Number(size) * (Number(next) - 1);
        const ended = (current - 1) * 20 + 20 - Number(left);
        expect(begins).toBeLessThanOrEqual(ended);
        expect(begins).toBeGreaterThan((current - 1) * 20);
      }
    }
  });

  test("one item that is too long by itself is cut, and named with the call that shows it alone", () => {
    const data = [
      { new_path: "package-lock.json", diff: numbered(9000) },
      { new_path: "a.ts", diff: "+a\n" },
    ];
    const { text, structured } = toModelAnswer(
      tool,
      { data, page: { ...page, page: 2 }, status: 200 },
      { maxResultTokens: 2000 },
    );
    expect(text).toContain("[…]");
    expect(text).toContain('"a.ts"');
    expect(text).toMatch(/\[Item 1: diff cut, \d+ of \d+ characters; alone: "per_page": 1, "page": 21\]$/);
    expect(encode(text).length).toBeLessThan(2000);
    expect(encode(JSON.stringify(structured)).length).toBeLessThan(2000);
  });
});

describe("objects", () => {
  test("short texts stay whole, the long ones share what is left", () => {
    const data = { iid: 1, title: "Short", description: numbered(4000), notes: numbered(20) };
    const text = toModelText(tool, { data, status: 200 }, { maxResultTokens: 1000 });
    const [json = "", note] = text.split("\n");
    const shown = JSON.parse(json) as typeof data;
    expect(shown).toMatchObject({ iid: 1, title: "Short", notes: numbered(20) });
    expect(shown.description).toMatch(/^line 1\n[^]*\nline \d+\n\[…\]$/);
    expect(note).toMatch(
      /^\[description is cut: \d+ of \d+ characters; "fields": \["description"\] leaves it more room\]$/,
    );
    expect(encode(text).length).toBeLessThan(1000);
    expect(encode(text).length).toBeGreaterThan(500);
  });

  test("long lists inside are cut where texts are not the reason", () => {
    const data = { id: 1, commits: Array.from({ length: 3000 }, (_, id) => ({ id, title: `Commit ${id}` })) };
    const text = toModelText(tool, { data, status: 200 }, { maxResultTokens: 1000 });
    expect(text).toMatch(/\[commits is cut: \d+ of 3000 items; "fields": \["commits"\] leaves it more room\]$/);
    expect(encode(text).length).toBeLessThan(1000);
  });

  test("whatever it is, it fits", () => {
    const deep = { a: [{ b: { c: numbered(500), d: [numbered(500), numbered(500)] } }], e: "x".repeat(50_000) };
    for (const tokens of [200, 500, 1000, 4000])
      expect(estimateTokens(JSON.stringify(fitValue(deep, tokens).value))).toBeLessThanOrEqual(tokens);
  });

  test("an answer of 20 MB is cut in no time", () => {
    const data = Array.from({ length: 20 }, (_, index) => ({
      new_path: `${index}.json`,
      diff: "+0123456789\n".repeat(90_000),
    }));
    expect(encode(toModelText(tool, { data, status: 200 })).length).toBeLessThan(8000);
  });

  test("nothing but a status", () => {
    expect(toModelAnswer(tool, { data: null, status: 204 })).toEqual({ text: "Done (status 204).", structured: {} });
    expect(toModelText(tool, { data: null, status: 304 })).toBe("Nothing to change: it is so already.");
  });
});

describe("logs", () => {
  const log = { answer: "text", parameters: { tail_lines: {}, start_line: {} } };
  const of = (lines: number, input?: unknown): string =>
    toModelText(log, { data: numbered(lines), status: 200 }, { maxResultTokens: 400, input });

  test("the end is what matters", () => {
    const lines = of(1000).trimEnd().split("\n");
    const [, from, before] =
      /^\[Lines (\d+) to 1000; (\d+) before them are left out: "start_line": 1 shows them\]$/.exec(lines[0] ?? "") ??
      [];
    expect(Number(from)).toBe(Number(before) + 1);
    expect(lines[1]).toBe(`line ${from}`);
    expect(lines.at(-1)).toBe("line 1000");
  });

  test("from a line on, the beginning is shown, and the line that comes next is named", () => {
    const lines = of(1000, { start_line: 200 }).split("\n");
    expect(lines[0]).toBe("line 1");
    const [, to, next] =
      /^\[Lines 200 to (\d+); \d+ more follow: "start_line": (\d+)\]$/.exec(lines.at(-1) ?? "") ?? [];
    expect(Number(next)).toBe(Number(to) + 1);
    expect(Number(to)).toBe(200 + lines.length - 2);
  });

  test("of lines asked for, the last", () => {
    expect(of(500, { tail_lines: "500" })).toMatch(
      /^\[The last \d+ lines; of those asked for, \d+ before them are left out/,
    );
  });

  test("what fits is as it is; nothing is said to be nothing", () => {
    expect(of(3)).toBe("line 1\nline 2\nline 3\n");
    expect(of(0)).toBe("[Empty]");
    expect(of(0, { start_line: 9 })).toBe("[It has no line 9]");
  });
});

describe("files", () => {
  const file = { answer: "file", parameters: { start_line: {} } };
  const data = { file_path: "a.txt", last_commit_id: "abc", encoding: "text", content: numbered(1000) };

  test("what is known of it, then the content as it is", () => {
    const short = { ...data, content: 'say "hi"\n' };
    expect(toModelText(file, { data: short, status: 200 })).toBe(
      '{"file_path":"a.txt","last_commit_id":"abc","encoding":"text"}\n\nsay "hi"\n',
    );
  });

  test("a long one is cut, keeping what a safe update needs", () => {
    const { text, structured } = toModelAnswer(
      file,
      { data, status: 200 },
      { maxResultTokens: 400, input: { start_line: 11 } },
    );
    expect(text).toMatch(/^\{"file_path":"a.txt","last_commit_id":"abc","encoding":"text"\}\n\nline 1\n/);
    expect(text).toMatch(/\[Lines 11 to (\d+); \d+ more follow: "start_line": \d+\]$/);
    expect(structured).toMatchObject({ last_commit_id: "abc" });
    expect(encode(JSON.stringify(structured)).length).toBeLessThan(500);
  });

  test("a file of one long line", () => {
    const minified = { ...data, content: "x".repeat(90_000) };
    const text = toModelText(file, { data: minified, status: 200 }, { maxResultTokens: 400 });
    expect(text).toMatch(/x\n\[Line 1, \d+ of its 90000 characters\]$/);
    const more = { ...data, content: `${"x".repeat(90_000)}\nlast` };
    const note = toModelText(file, { data: more, status: 200 }, { maxResultTokens: 400, input: { start_line: 5 } });
    expect(note).toMatch(/\[Line 5, \d+ of its 90001 characters; 1 more follow: "start_line": 6\]$/);
  });

  test("bytes are not shown", () => {
    const binary = { ...data, encoding: "base64", content: "AAAA".repeat(10_000) };
    const answer = toModelAnswer(file, { data: binary, status: 200 });
    expect(answer.text).toMatch(/\[A binary file; its content is not shown\]$/);
    expect(JSON.stringify(answer)).not.toContain("AAAA");
    const zip = { size: 30_000, content: "AAAA", encoding: "base64", file_name: "a.zip" };
    const archive = toModelAnswer({ answer: "binary", parameters: {} }, { data: zip, status: 200 });
    expect(archive).toEqual({
      text: '{"size":30000,"file_name":"a.zip"}\n[The bytes are not shown; "save_to" writes them to a file]',
      structured: { size: 30_000, file_name: "a.zip" },
    });
  });
});
