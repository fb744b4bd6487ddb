import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { figuresOf, misses, type Report } from "../../bench/beside/figure.js";
import { groupNames, groups } from "../../bench/beside/groups.js";
import { inReadme, pagesOf, reportFile } from "../../bench/beside/pages.js";

const report = JSON.parse(await readFile(reportFile, "utf8")) as Report;

test("the README's table, docs/bench.md and the plot are what docs/bench.json says", async () => {
  for (const [file, text] of Object.entries(await pagesOf(report)))
    expect(await readFile(file, "utf8"), `${file}: npm run bench -- peers --write`).toBe(text);
});

test("the report says when, where and with which versions, and what misses its bar is said in the page", async () => {
  expect(Object.keys(report.groups), "npm run build && npm run bench -- peers --write").toEqual(groupNames);
  for (const { date } of Object.values(report.groups)) expect(date).toMatch(/^\d{4}-\d{2}-\d{2}$/);
  expect(Object.keys(report.versions)).toEqual(expect.arrayContaining(["@gitbeaker/rest", "@zereight/mcp-gitlab"]));
  const page = await readFile("docs/bench.md", "utf8");
  for (const figure of figuresOf(report)) {
    expect(Object.keys(figure.values)).toContain(figure.ours);
    const row = page.split("\n").find((line) => line.startsWith(`| ${figure.title} `)) ?? "";
    expect(row.includes(": missed"), figure.title).toBe(misses(figure));
  }
});

test("what was measured together is there together, and the README shows what there is", () => {
  for (const [name, { figures }] of Object.entries(report.groups))
    expect({ [name]: figures.map(({ title }) => title) }).toEqual({ [name]: groups[name as keyof typeof groups] });
  const titles = Object.values(groups).flat() as string[];
  for (const title of inReadme) expect(titles).toContain(title);
});

test("the plot asks nobody for anything", async () => {
  expect(await readFile("docs/bench.svg", "utf8")).not.toMatch(/<script|href|url\(|@import|<image/);
});
