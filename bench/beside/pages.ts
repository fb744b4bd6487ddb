import { readFile, writeFile } from "node:fs/promises";
import { format } from "prettier";
import type { Report } from "./figure.js";
import { toSvg } from "./plot.js";
import { provenance, toMarkdown } from "./table.js";

/** What the README shows of the report; docs/bench.md has all. */
export const inReadme = [
  "A call that lists 20 issues, processor time",
  "Import, processor time beyond Node's own",
  "Type-checking a program that lists issues, processor time beyond that of an empty one",
  "Generating from GitLab's document, processor time",
  "MCP server: from its start to its list of tools, processor time",
  "Definitions of the MCP tools, as sent",
  "What a model reads of 8 everyday answers, in all",
];

export const reportFile = "docs/bench.json";

/** The files that are made from the report; pages keep what stands outside the two marks. */
export async function pagesOf(report: Report): Promise<Record<string, string>> {
  const between = async (file: string, text: string): Promise<string> => {
    const page = (await readFile(file, "utf8")).replace(
      /(<!-- bench -->\n)[\s\S]*(<!-- \/bench -->)/,
      (_, begin: string, end: string) => `${begin}\n${text}\n\n${end}`,
    );
    return format(page, { parser: "markdown", printWidth: 120 });
  };
  return {
    "docs/bench.svg": toSvg(report),
    "docs/bench.md": await between("docs/bench.md", `${toMarkdown(report)}\n\n${provenance(report)}`),
    "README.md": await between("README.md", toMarkdown(report, inReadme)),
  };
}

export async function readReport(): Promise<Report | undefined> {
  const text = await readFile(reportFile, "utf8").catch(() => undefined);
  return text === undefined ? undefined : (JSON.parse(text) as Report);
}

export async function writePages(report: Report): Promise<void> {
  await writeFile(reportFile, `${JSON.stringify(report, undefined, 2)}\n`);
  for (const [file, text] of Object.entries(await pagesOf(report))) await writeFile(file, text);
}
