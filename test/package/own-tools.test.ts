import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { createGitLabEmulator } from "gitlab-agent-tools/testing";
import { afterAll, beforeAll, expect, test } from "vitest";
import { compile } from "../support/typescript.js";
import { transform } from "esbuild";
import { stringify } from "yaml";
import { fixedNames, toolNames } from "../../generated/tool-names.js";
import { generateOwn, type GenerateOwnOptions } from "../../codegen/generate-own.js";
import { cli } from "../support/cli.js";

const run = promisify(execFile);
const root = process.cwd();
let folder = "";

const text = { type: "string" };
const label = { type: "object", properties: { id: { type: "integer" }, name: text, color: text } };
const json = (schema: object): object => ({ description: "OK", content: { "application/json": { schema } } });
const id = { name: "id", in: "path", required: true, schema: text };

/** A document with three operations, one of which names itself. */
const document = {
  openapi: "3.0.0",
  info: { title: "Labels", version: "1" },
  paths: {
    "/api/v4/projects/{id}/labels": {
      get: {
        operationId: "listLabels",
        parameters: [id, { name: "search", in: "query", schema: text }],
        responses: { 200: json({ type: "array", items: label }) },
      },
      post: {
        parameters: [id],
        requestBody: {
          content: {
            "application/json": {
              schema: { type: "object", required: ["name", "color"], properties: { name: text, color: text } },
            },
          },
        },
        responses: { 201: json(label) },
      },
    },
    "/api/v4/gadgets": { get: { responses: { 200: json({ type: "array", items: label }) } } },
  },
};

const program = `
import { createGitLab } from "gitlab-agent-tools";
import { createToolbox } from "gitlab-agent-tools/toolbox";
import { ourLabelsList, projectLabelCreate, tools } from "./gitlab/index.js";

const { BASE_URL: baseUrl = "", TOKEN: token = "" } = process.env;
const gitlab = createGitLab({ store: "memory:", connections: { gitlab: { baseUrl } }, tools: Object.values(tools) });
await gitlab.connectWithToken({ identifier: "ada", token });
const account = gitlab.as("ada");
const { data: made } = await projectLabelCreate(account, { project_id: "acme/app", name: "own", color: "#112233" });
// @ts-expect-error a name is needed
void (() => projectLabelCreate(account, { project_id: "acme/app", color: "#112233" }));
const names: (string | null | undefined)[] = [];
for await (const one of ourLabelsList.pages(account, { project_id: "acme/app", search: "own" })) names.push(one.name);
// @ts-expect-error generated tools are known by their names
void (() => gitlab.executeTool({ identifier: "ada", toolName: "gitlab_our_labels_list", toolInput: { search: "own" } }));
const byName = await gitlab.executeTool({
  identifier: "ada",
  toolName: "gitlab_our_labels_list",
  toolInput: { project_id: "acme/app", search: "own" },
});
byName.data satisfies { name?: string | null }[];
console.log(JSON.stringify({ made: made.name, names, byName: byName.data }));
await gitlab.close();
`;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "own-tools-"));
  await mkdir(join(folder, "node_modules"));
  await symlink(root, join(folder, "node_modules/gitlab-agent-tools"));
  await mkdir(join(folder, "src"));
  await writeFile(join(folder, "package.json"), '{ "type": "module" }');
  await writeFile(join(folder, "document.yaml"), stringify(document));
  await writeFile(
    join(folder, "labels.yaml"),
    stringify({
      area: "acme",
      title: "Acme",
      tools: { gitlab_our_labels_list: { operation: "listLabels", description: "Our labels." } },
    }),
  );
  await writeFile(join(folder, "src/main.ts"), program);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const built = "node_modules/gitlab-agent-tools/dist/src/cli/main.js";
const here = (path: string): string => join(folder, path);
const generate = (options: Omit<GenerateOwnOptions, "spec">): ReturnType<typeof generateOwn> =>
  generateOwn({ spec: here("document.yaml"), ...options, out: here(options.out) });

test("generate --spec makes typed functions for the operations chosen, in a project that has nothing but the package", async () => {
  const chosen = ["--manifest", "labels.yaml", "--include", "/api/v4/projects/*/labels", "--out", "src/gitlab"];
  const args = [built, "generate", "--spec", "document.yaml", ...chosen];
  const { stdout } = await run(process.execPath, args, { cwd: folder });
  expect(stdout).toContain("2 tools");
  const index = await readFile(join(folder, "src/gitlab/index.ts"), "utf8");
  expect(index).toContain("gitlab_our_labels_list: ourLabelsList,");
  // The package has gitlab_label_create.
  expect(index).toContain("gitlab_project_label_create: projectLabelCreate,");
  expect(index).not.toContain("gadget");
  const strict = ["--strict", "--exactOptionalPropertyTypes", "--noUncheckedIndexedAccess", "--skipLibCheck"];
  const modern = [
    "--module",
    "nodenext",
    "--target",
    "es2022",
    "--types",
    "node",
    "--typeRoots",
    join(root, "node_modules/@types"),
  ];
  expect(await compile([...strict, ...modern, "--outDir", "out", "src/main.ts"], folder)).toBe("");
  const emulator = await createGitLabEmulator();
  try {
    const env = {
      ...process.env,
      BASE_URL: emulator.baseUrl,
      TOKEN: emulator.tokens.create({ username: "ada", scopes: ["api"] }),
    };
    const ran = await run(process.execPath, ["out/main.js"], { cwd: folder, env });
    expect(JSON.parse(ran.stdout)).toMatchObject({ made: "own", names: ["own"], byName: [{ name: "own" }] });
  } finally {
    await emulator.close();
  }
}, 300_000);

test("what generate did not make is not written over, and what nothing makes any more goes", async () => {
  await mkdir(here("other"));
  await writeFile(here("other/index.ts"), "export {};\n");
  await writeFile(here("other/mine.ts"), "export {};\n");
  const gadgets = { include: ["/api/v4/gadgets"], out: "other" };
  await expect(generate(gadgets)).rejects.toThrow(/was not made by generate/);
  await rm(here("other/index.ts"));
  await generate({ out: "other" });
  expect(await readdir(here("other/tools"))).toEqual(["gadgets.ts", "labels.ts"]);
  await generate(gadgets);
  expect(await readdir(here("other/tools"))).toEqual(["gadgets.ts"]);
  expect(await readdir(here("other"))).toContain("mine.ts");
  expect((await generate({ ...gadgets, check: true })).changed).toEqual([]);
});

test("a tool that is called like a word of JavaScript, or like a derived one, makes modules that parse", async () => {
  const [derived = ""] = toolNames.filter((name) => !fixedNames.has(name));
  const tools = { gitlab_import: { operation: "listLabels" }, [derived]: { operation: "get_api_v4_gadgets" } };
  const ours = { ...document, paths: structuredClone(document.paths) };
  Object.assign(ours.paths["/api/v4/gadgets"].get, { operationId: "get_api_v4_gadgets" });
  await writeFile(here("words.document.yaml"), stringify(ours));
  await writeFile(here("words.yaml"), stringify({ area: "words", title: "Words", tools }));
  const spec = here("words.document.yaml");
  await generateOwn({ spec, manifest: here("words.yaml"), out: here("words") });
  for (const file of ["index.ts", "tools/words.ts", "rows/words.ts"])
    await transform(await readFile(here(`words/${file}`), "utf8"), { loader: "ts" });
  expect(await readFile(here("words/index.ts"), "utf8")).toContain("gitlab_import: import_,");
});

test.each([
  [["--out", "x", "--include", "/nothing/*"], /no path matches \/nothing\/\*/],
  [["--include", "/*"], /--out says where/],
  [["--out", "x", "--manifest", "absent.yaml"], /absent\.yaml does not exist/],
])("generate %j is refused in a line", async (args, message) => {
  const ran = await cli(["generate", "--spec", here("document.yaml"), ...args]);
  expect(ran).toMatchObject({ stdout: "", stderr: expect.stringMatching(message) as string });
  expect(ran.code).toBeGreaterThan(0);
});
