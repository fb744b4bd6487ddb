import type { ToolRow } from "../../src/tools/row.js";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { transform } from "esbuild";
import { onTestFinished } from "vitest";
import { stringify } from "yaml";
import { ProblemsError } from "../../codegen/problem.js";

/** Files by path; anything but text is written as YAML. */
export type Files = Readonly<Record<string, unknown>>;

/** A project in a folder of its own, which goes when the test ends. */
export async function project(files: Files): Promise<string> {
  const root = await mkdtemp(join(tmpdir(), "codegen-"));
  onTestFinished(() => rm(root, { recursive: true, force: true }));
  await write(root, files);
  return root;
}

export async function write(root: string, files: Files): Promise<void> {
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), typeof content === "string" ? content : stringify(content));
  }
}

/** Every file below a folder, by path. */
export async function read(root: string): Promise<Record<string, string>> {
  const entries = await readdir(root, { recursive: true, withFileTypes: true });
  const found: [string, string][] = [];
  for (const entry of entries) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    found.push([path.slice(root.length + 1), await readFile(path, "utf8")]);
  }
  return Object.fromEntries(found.sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** The lines of the problems that a run is refused with. */
export async function problems(run: () => unknown): Promise<string[]> {
  try {
    await run();
  } catch (error) {
    if (error instanceof ProblemsError) return error.message.split("\n");
    throw error;
  }
  throw new Error("was not refused");
}

export const widget = {
  type: "object",
  properties: {
    id: { type: "integer" },
    name: { type: "string" },
    owner: { $ref: "#/components/schemas/Owner" },
    tags: { type: "array", items: { type: "string" } },
    parts: { type: "array", items: { $ref: "#/components/schemas/Part" } },
  },
};

/** A small API: list widgets of a project, create one. */
export function api(): Record<string, unknown> & { paths: Record<string, Record<string, unknown>> } {
  return {
    openapi: "3.0.0",
    info: { title: "Widgets", version: "1.2" },
    paths: {
      "/api/v4/projects/{id}/widgets": {
        get: {
          operationId: "getWidgets",
          parameters: [
            { name: "id", in: "path", required: true, schema: { oneOf: [{ type: "string" }, { type: "integer" }] } },
            { name: "state", in: "query", schema: { type: "string", enum: ["open", "closed"], default: "open" } },
            { name: "page", in: "query", schema: { type: "integer", default: 1 } },
          ],
          responses: { 200: json({ type: "array", items: { $ref: "#/components/schemas/Widget" } }) },
        },
        post: {
          operationId: "postWidgets",
          parameters: [{ name: "id", in: "path", required: true, schema: { type: "string" } }],
          requestBody: {
            content: {
              "application/json": {
                schema: {
                  type: "object",
                  required: ["name"],
                  properties: { name: { type: "string" }, labels: { type: "array", items: { type: "string" } } },
                },
              },
            },
          },
          responses: { 201: json({ $ref: "#/components/schemas/Widget" }) },
        },
      },
    },
    components: {
      schemas: {
        Widget: structuredClone(widget),
        Owner: { type: "object", properties: { username: { type: "string" } } },
        Part: { type: "object", properties: { title: { type: "string" }, description: { type: "string" } } },
      },
    },
  };
}

export const json = (schema: unknown): unknown => ({
  description: "OK",
  content: { "application/json": { schema } },
});

export const listTool = {
  operation: "getWidgets",
  title: "List widgets",
  description: "Lists widgets.",
  access: "read",
  curated: ["project_id", "state", "page"],
  view: ["id", "name", "owner.username", "tags", "parts[].title"],
};

export const createTool = {
  operation: "postWidgets",
  title: "Create widget",
  description: "Creates a widget.",
  access: "write",
  curated: ["project_id", "name"],
};

export const manifest = (
  tools: unknown = { gitlab_widgets_list: listTool, gitlab_widget_create: createTool },
): unknown => ({
  area: "widgets",
  title: "Widgets",
  tools,
});

export const inherited = {
  rename: [{ path: "/api/v4/projects/{id}", from: "id", to: "project_id", ref: "project" }],
};

/** The files of a project that generates. */
export function sound(document: unknown = api()): Files {
  return {
    "spec/gitlab.openapi.yaml": document,
    "spec/tools/widgets.yaml": manifest(),
    "spec/parameters.yaml": inherited,
  };
}

/** The rows of a generated module, by function. */
export async function rowsIn(source: string | undefined): Promise<Readonly<Record<string, ToolRow>>> {
  const { code } = await transform(source ?? "", { loader: "ts", format: "esm" });
  const url = `data:text/javascript;base64,${Buffer.from(code).toString("base64")}`;
  const module = (await import(/* @vite-ignore */ url)) as Readonly<Record<string, string>>;
  return Object.fromEntries(Object.entries(module).map(([name, row]) => [name, JSON.parse(row) as ToolRow]));
}
