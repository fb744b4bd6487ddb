import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { createGitLab, type GitLab } from "gitlab-agent-tools";
import { createGitLabEmulator, type GitLabEmulator } from "gitlab-agent-tools/testing";
import type { ToolboxOptions } from "gitlab-agent-tools/toolbox";

export interface Call {
  readonly tool: string;
  readonly input: Record<string, unknown>;
}

/** What a scripted model does next, going by what the tools have answered so far. */
export type Script = (answers: readonly string[]) => Call | { readonly say: string };

export interface Task {
  readonly options: ToolboxOptions;
  readonly script: Script;
  readonly prompt: string;
}

/** One framework's agent loop; `asked` where it stopped to ask a person. */
export type Loop = (task: Task) => Promise<{ readonly said: string; readonly asked: boolean }>;

const project_id = "acme/app";
const redirectUri = "https://app.example/callback";

const once =
  (tool: string, input: Record<string, unknown>): Script =>
  ([answer]) =>
    answer === undefined ? { tool, input } : { say: answer };

const summary: Script = ([bugs, created]) => {
  if (bugs === undefined)
    return { tool: "gitlab_issues_list", input: { project_id, state: "opened", labels: "bug,p1", per_page: "50" } };
  if (created === undefined) {
    const links = [...bugs.matchAll(/^\[(\d+),"((?:[^"\\]|\\.)*)"/gm)].map(([, iid, title]) => `- #${iid} ${title}`);
    const description = `${links.length} open P1 bugs:\n\n${links.join("\n")}`;
    return { tool: "gitlab_issue_create", input: { project_id, title: "Open P1 bugs", description } };
  }
  return { say: `I have put them together in ${/"web_url":"([^"]+)"/.exec(created)?.[1]}` };
};

/** A dot. */
const png = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR4nGNgYGBgAAAABQABh6FO1AAAAABJRU5ErkJggg==";

/**
 * What every framework's loop has to do.
 *
 * @param images whether models are shown images, where the framework can
 */
export function scenarios(framework: string, loop: Loop, images = false): void {
  describe(framework, () => {
    let emulator: GitLabEmulator;
    let gitlab: GitLab;
    before(async () => {
      emulator = await createGitLabEmulator();
      const application = emulator.oauth.createApplication({ redirectUri, scopes: ["api"] });
      gitlab = createGitLab({
        store: "memory:",
        connections: { gitlab: { baseUrl: emulator.baseUrl, redirectUri, scopes: ["api"], ...application } },
      });
      const token = emulator.tokens.create({ username: "ada", scopes: ["api"] });
      await gitlab.connectWithToken({ identifier: "user_ada", token });
    });
    after(async () => {
      await gitlab.close();
      await emulator.close();
    });

    const ask = (script: Script, identifier = "user_ada"): ReturnType<Loop> => {
      const tools = ["gitlab_issue*", "gitlab_current_user_get"];
      return loop({ options: { gitlab, identifier, select: { tools } }, script, prompt: "Do it." });
    };
    const writes = (): string[] =>
      emulator.requests
        .filter(({ method, path }) => method !== "GET" && path.startsWith("/api/v4/"))
        .map(({ method, path }) => `${method} ${path}`);

    test("shows all open P1 bugs and creates an issue that links them", async () => {
      const { said } = await ask(summary);
      const { data: bugs } = await gitlab.executeTool({
        identifier: "user_ada",
        toolName: "gitlab_issues_list",
        toolInput: { project_id, state: "opened", labels: "bug,p1", per_page: 100 },
      });
      const { data: found } = await gitlab.executeTool({
        identifier: "user_ada",
        toolName: "gitlab_issues_list",
        toolInput: { project_id, search: "Open P1 bugs", in: "title" },
      });
      const [issue] = found;
      assert.ok(bugs.length > 3);
      const linked = [...(issue?.description ?? "").matchAll(/#(\d+)/g)].map(([, iid]) => Number(iid)).toSorted();
      assert.deepEqual(linked, bugs.map(({ iid }) => Number(iid)).toSorted());
      assert.equal(said, `I have put them together in ${issue?.web_url}`);
      assert.deepEqual(writes(), ["POST /api/v4/projects/acme%2Fapp/issues"]);
    });

    test("tells the model what went wrong", async () => {
      const { said } = await ask(once("gitlab_issue_get", { project_id, issue_iid: 4711 }));
      assert.match(said, /"code":"not_found"/);
    });

    test("hands on the link for an account that is not connected", async () => {
      const { said } = await ask(once("gitlab_current_user_get", {}), "user_ben");
      assert.match(said, /"authorization_link":"http/);
    });

    const skip = images ? false : "no images";
    test("shows the model an image of the repository", { skip }, async () => {
      const file = { project_id, file_path: "docs/dot.png" };
      const commit = { branch: "main", commit_message: "A dot", encoding: "base64", content: png } as const;
      await gitlab.executeTool({
        identifier: "user_ada",
        toolName: "gitlab_file_create",
        toolInput: { ...file, ...commit },
      });
      const script = once("gitlab_file_get", { ...file, ref: "main" });
      const options = { gitlab, identifier: "user_ada", select: { tools: ["gitlab_file_get"] } };
      const { said } = await loop({ options, script, prompt: "Look." });
      assert.match(said, /The image is shown beside this text/);
      assert.ok(said.endsWith(png), said);
    });

    test("asks a person before an issue is deleted", async () => {
      const before = writes().length;
      const { asked } = await ask(once("gitlab_issue_delete", { project_id, issue_iid: 3 }));
      assert.equal(asked, true);
      assert.equal(writes().length, before);
    });
  });
}

/** The text of a message whose content may be a string or blocks; that of an image is its Base64. */
export function textOf(content: unknown): string {
  if (typeof content === "string") return content;
  if (!Array.isArray(content)) return "";
  return content.map((block: Block) => block.text ?? imageOf(block).replace(/^data:image\/png;base64,/, "")).join("");
}

interface Block {
  readonly text?: string;
  /** In an object of its own since version 4 of the AI SDK's interface for models. */
  readonly data?: string | { readonly data?: string };
  readonly image?: string;
  readonly image_url?: string | { readonly url: string };
  readonly source?: { readonly data: string };
  readonly inlineData?: { readonly data: string };
}

function imageOf({ data, image, image_url, source, inlineData }: Block): string {
  const url = typeof image_url === "object" ? image_url.url : image_url;
  const inner = typeof data === "object" ? data.data : data;
  return inner ?? image ?? url ?? source?.data ?? inlineData?.data ?? "";
}
