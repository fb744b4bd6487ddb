import { execFile } from "node:child_process";
import { cp, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { promisify } from "node:util";
import { parse, stringify } from "yaml";
import { generate, type GenerateResult } from "../../codegen/generate.js";
import { specificationFile } from "../../codegen/places.js";
import { json } from "./project.js";

const run = promisify(execFile);
const repository = process.cwd();

/** What a copy does not need, or must not have: itself. */
const left = /^(?:node_modules|dist|\.git|coverage|added-tools.*)$/;

/** All tests but those of accounts, stores, transports and servers, which know of no tool in particular. */
const walking = [
  ...["adapters", "cli/tools", "cli/json", "codegen", "errors", "graphql", "options", "policy"],
  ...["rooms", "scenarios/every-tool", "testing", "tools", "views"],
].map((name) => `test/${name}`);

const gadget = {
  type: "object",
  properties: {
    id: { type: "integer" },
    title: { type: "string" },
    author: { type: "object", properties: { username: { type: "string" } } },
    web_url: { type: "string" },
  },
};
const id = { name: "id", in: "path", required: true, schema: { type: "string" } };
const number = { type: "integer" };

/** Two operations that no file mentions: one becomes a tool by the document alone, the other by a few lines of YAML. */
const operations = {
  get: {
    operationId: "getApiV4ProjectsIdGadgets",
    parameters: [id, { name: "page", in: "query", schema: number }, { name: "per_page", in: "query", schema: number }],
    responses: { 200: json({ type: "array", items: gadget }) },
  },
  post: {
    operationId: "postApiV4ProjectsIdGadgets",
    parameters: [id],
    requestBody: {
      content: {
        "application/json": {
          schema: { type: "object", required: ["title"], properties: { title: { type: "string" } } },
        },
      },
    },
    responses: { 201: json(gadget) },
  },
};

const manifest = `# yaml-language-server: $schema=../manifest.schema.json
area: gadgets
title: Gadgets
tools:
  gitlab_gadget_create:
    operation: ${operations.post.operationId}
    description: Makes a gadget.
    view: [id, title, web_url]
`;

export interface Copy {
  readonly folder: string;
  readonly generated: GenerateResult;
  readonly remove: () => Promise<void>;
}

/** A copy of this repository with two more tools, generated. */
export async function copyWithGadgets(): Promise<Copy> {
  const folder = await mkdtemp(join(tmpdir(), "added-tools-"));
  const remove = (): Promise<void> => rm(folder, { recursive: true, force: true });
  await cp(repository, folder, { recursive: true, filter: (source) => !left.test(basename(source)) });
  for (const name of ["node_modules", "dist"]) await symlink(join(repository, name), join(folder, name));
  const file = join(folder, specificationFile);
  const document = parse(await readFile(file, "utf8"), { maxAliasCount: -1 }) as { paths: Record<string, unknown> };
  document.paths["/api/v4/projects/{id}/gadgets"] = operations;
  await writeFile(file, stringify(document, { aliasDuplicateObjects: false, lineWidth: 0 }));
  await writeFile(join(folder, "spec/tools/gadgets.yaml"), manifest);
  return { folder, generated: await generate({ root: folder }), remove };
}

/** What is asked of the copy is that its tests hold, beside whatever else the machine does; not how fast they are. */
const patient = "--testTimeout=300000";

/** The tests of the copy, in tenths. */
export const tenths = Array.from({ length: 10 }, (_, index) => `${index + 1}/10`);

/** @throws what the compiler or the tests say */
export async function tryOut(folder: string, trial: "types" | (string & {})): Promise<void> {
  const [tool, ...args] =
    trial === "types"
      ? [
          "typescript-native/bin/tsc",
          "-p",
          "tsconfig.json",
          "--singleThreaded",
          "--incremental",
          "false",
          "--tsBuildInfoFile",
          "null",
        ]
      : ["vitest/vitest.mjs", "run", `--shard=${trial}`, patient, ...walking];
  const options = { cwd: folder, env: { ...process.env, NO_COLOR: "1" }, maxBuffer: 2 ** 26 };
  await run(process.execPath, [join("node_modules", tool ?? ""), ...args], options).catch((error: unknown) => {
    const { stdout, stderr } = error as { stdout?: string; stderr?: string };
    throw new Error(`${trial}: ${String(stdout).slice(-20_000)}\n${String(stderr).slice(-20_000)}`);
  });
}
