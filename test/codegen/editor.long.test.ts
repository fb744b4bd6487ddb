import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import ts from "typescript";
import { beforeAll, describe, expect, test } from "vitest";

const root = process.cwd();
const file = join(root, "test/codegen/typed-in-an-editor.ts");
const start = `import { createGitLab } from "../../src/index.js";
const gitlab = createGitLab();
export const identifier = "ada";
`;

let text = start;
let version = 0;
let service: ts.LanguageService;

/** What an editor asks the compiler about a file that is being typed; the place is where `|` stands. */
function typed(code: string): number {
  text = start + code.replace("|", "");
  version += 1;
  return start.length + code.indexOf("|");
}

const names = (code: string): string[] =>
  service.getCompletionsAtPosition(file, typed(code), {})?.entries.map(({ name }) => name) ?? [];

function problems(code: string): string[] {
  text = start + code;
  version += 1;
  return service
    .getSemanticDiagnostics(file)
    .map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, "\n"));
}

beforeAll(() => {
  const config = ts.readConfigFile(join(root, "tsconfig.json"), (path) => readFileSync(path, "utf8"));
  const { options } = ts.parseJsonConfigFileContent(config.config, ts.sys, root);
  service = ts.createLanguageService({
    getCompilationSettings: () => ({ ...options, incremental: false }),
    getScriptFileNames: () => [file],
    getScriptVersion: (name) => (name === file ? String(version) : "0"),
    getScriptSnapshot: (name) => {
      const content = name === file ? text : ts.sys.readFile(name);
      return content === undefined ? undefined : ts.ScriptSnapshot.fromString(content);
    },
    getCurrentDirectory: () => dirname(file),
    getDefaultLibFileName: (settings) => ts.getDefaultLibFilePath(settings),
    fileExists: (name) => name === file || ts.sys.fileExists(name),
    readFile: (name) => (name === file ? text : ts.sys.readFile(name)),
    directoryExists: (name) => ts.sys.directoryExists(name),
  });
}, 60_000);

describe.each(["gitlab.executeTool", "gitlab.actions.executeTool"])("%s, as it is typed", (call) => {
  test("its toolName completes the tools' names", () => {
    const found = names(`void ${call}({ identifier, toolName: "|" });`);
    expect(found).toContain("gitlab_issues_list");
    expect(found).toContain("gitlab_wiki_pages_list");
    expect(found.every((name) => name.startsWith("gitlab_"))).toBe(true);
  }, 60_000);

  test("its toolInput completes that tool's parameters and nothing else", () => {
    const found = names(`void ${call}({ identifier, toolName: "gitlab_issue_get", toolInput: { | } });`);
    expect(found.toSorted()).toEqual(["issue_iid", "project_id"]);
    const states = names(
      `void ${call}({ identifier, toolName: "gitlab_issues_list", toolInput: { project_id: 1, state: "|" } });`,
    );
    expect(states.toSorted()).toEqual(["all", "closed", "opened"]);
  }, 60_000);

  test("what is missing or wrong is a short error", () => {
    for (const [code, word] of [
      [`{ identifier, toolName: "gitlab_issue_get" }`, "toolInput"],
      [`{ identifier, toolName: "gitlab_issue_get", toolInput: { project_id: 1 } }`, "issue_iid"],
      [`{ identifier, toolName: "gitlab_issue_get", toolInput: { project_id: 1, issue_iid: 1, wrong: 1 } }`, "wrong"],
      [`{ identifier, toolName: "gitlab_issues_list", toolInput: { project_id: 1, state: "open" } }`, "state"],
      [`{ toolName: "gitlab_issue_get", toolInput: { project_id: 1, issue_iid: 1 } }`, "identifier"],
    ] as const) {
      const [first = "", ...others] = problems(`void ${call}(${code});`);
      expect(first, code).toContain(word === "state" ? '"open"' : word);
      expect(first.length, first).toBeLessThan(700);
      expect(others).toEqual([]);
    }
  }, 60_000);

  test("results are typed by tool, view and dry run; a tool that is not known when compiling takes anything", () => {
    expect(
      problems(`
const issue = await ${call}({ identifier, toolName: "gitlab_issue_get", toolInput: { project_id: 1, issue_iid: 1 } });
issue.data.web_url satisfies string | null | undefined;
const compact = await ${call}({ identifier, toolName: "gitlab_issue_get", toolInput: { project_id: 1, issue_iid: 1 }, view: "compact" });
compact.data satisfies Record<string, unknown>;
const dry = await ${call}({ identifier, toolName: "gitlab_issue_get", toolInput: { project_id: 1, issue_iid: 1 }, dryRun: true });
dry.data.url satisfies string;
declare const perhaps: boolean;
const either = await ${call}({ identifier, toolName: "gitlab_issue_get", toolInput: { project_id: 1, issue_iid: 1 }, dryRun: perhaps });
// @ts-expect-error it may be the issue
either.data.url satisfies string;
await ${call}({ identifier, toolName: "gitlab_current_user_get" });
const own = await ${call}({ identifier, toolName: "acme_widgets_list", toolInput: { anything: 1 } });
own.data satisfies unknown;
export {};
`),
    ).toEqual([]);
  }, 60_000);
});
