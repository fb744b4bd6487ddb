import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { text } from "node:stream/consumers";
import { promisify } from "node:util";
import { Ajv } from "ajv";
import formats from "ajv-formats";
import { unzipSync } from "fflate";
import { afterAll, beforeAll, expect, test } from "vitest";
import * as z from "zod";
import { selectTools } from "../../src/tools/select.js";
import { emulator } from "../support/emulated.js";

let folder = "";
let unpacked = "";
let names: readonly string[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "mcp-packages-"));
  await promisify(execFile)(process.execPath, ["--import", "tsx", "scripts/mcp-packages.ts", folder]);
  unpacked = join(folder, "unpacked");
  const files = Object.entries(unzipSync(await readFile(join(folder, "gitlab-agent-tools.mcpb"))));
  names = files.map(([name]) => name);
  for (const [name, bytes] of files) {
    await mkdir(dirname(join(unpacked, name)), { recursive: true });
    await writeFile(join(unpacked, name), bytes);
  }
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const read = async (file: string): Promise<unknown> => JSON.parse(await readFile(file, "utf8")) as unknown;

const Manifest = z.object({
  server: z.object({
    mcp_config: z.object({
      command: z.literal("node"),
      args: z.array(z.string()),
      env: z.record(z.string(), z.string()),
    }),
  }),
  user_config: z.record(z.string(), z.object({ default: z.optional(z.string()), sensitive: z.optional(z.boolean()) })),
  tools: z.array(z.object({ name: z.string(), description: z.string() })),
});

test("the bundle's manifest is one by its published schema, and hides the token", async () => {
  const manifest = await read(join(unpacked, "manifest.json"));
  const { $schema: _, ...schema } = (await read("test/fixtures/schemas/mcpb-manifest-v0.3.schema.json")) as Record<
    string,
    unknown
  >;
  const ajv = new Ajv({ strict: false });
  formats.default(ajv);
  const validate = ajv.compile(schema);
  expect(validate(manifest), JSON.stringify(validate.errors)).toBe(true);
  expect(validate({ ...(manifest as object), imagine: true })).toBe(false);
  const { user_config, tools } = Manifest.parse(manifest);
  expect(
    Object.entries(user_config)
      .filter(([, { sensitive }]) => sensitive)
      .map(([name]) => name),
  ).toEqual(["gitlab_token"]);
  expect(tools.map(({ name }) => name)).toEqual(selectTools().map(({ name }) => name));
});

test("the bundle runs by itself, as a client starts it, and calls GitLab as the person", async () => {
  const gitlab = await emulator({ pathPrefix: "/gitlab" });
  const { server, user_config } = Manifest.parse(await read(join(unpacked, "manifest.json")));
  const given: Record<string, string> = {
    gitlab_token: gitlab.tokens.create({ username: "ada", scopes: ["api"] }),
    gitlab_url: gitlab.baseUrl,
  };
  const filled = (value: string): string =>
    value
      .replace("${__dirname}", unpacked)
      .replace(/\$\{user_config\.(\w+)\}/, (_, name: string) => given[name] ?? user_config[name]?.default ?? "");
  const { args, env } = server.mcp_config;
  const filledEnv = Object.fromEntries(Object.entries(env).map(([name, value]) => [name, filled(value)]));
  const child = spawn(process.execPath, args.map(filled), {
    cwd: folder,
    env: filledEnv,
    stdio: ["pipe", "pipe", "inherit"],
  });
  const clientInfo = { name: "script", version: "1" };
  const messages = [
    { id: 1, method: "initialize", params: { protocolVersion: "2025-06-18", capabilities: {}, clientInfo } },
    { method: "notifications/initialized" },
    { id: 2, method: "tools/call", params: { name: "gitlab_current_user_get", arguments: {} } },
    { id: 3, method: "tools/call", params: { name: "gitlab_issue_delete", arguments: {} } },
  ];
  child.stdin.end(messages.map((message) => `${JSON.stringify({ jsonrpc: "2.0", ...message })}\n`).join(""));
  const [output] = await Promise.all([text(child.stdout), once(child, "close")]);
  expect(output).toContain("ada");
  // The default lets nothing be deleted.
  expect(output).toContain("unknown_tool");
});

test("the bundle brings the licences of what is in it", async () => {
  const licences = await readFile(join(unpacked, "THIRD-PARTY-LICENSES.txt"), "utf8");
  expect(names).toEqual(expect.arrayContaining(["LICENSE", "NOTICE"]));
  for (const name of ["@modelcontextprotocol/server", "commander", "undici", "zod"])
    expect(licences).toContain(`${name}\n`);
  expect(licences.split("-".repeat(80)).filter((one) => one.trim().split("\n").length < 5)).toEqual([]);
});

/** The registry's rules, in our words: its schema is in no package that npm has. */
const Server = z.strictObject({
  $schema: z.literal("https://static.modelcontextprotocol.io/schemas/2025-12-11/server.schema.json"),
  name: z
    .string()
    .min(3)
    .max(200)
    .regex(/^[a-zA-Z0-9.-]+\/[a-zA-Z0-9._-]+$/),
  title: z.string().min(1).max(100),
  description: z.string().min(1).max(100),
  version: z.string().regex(/^\d+\.\d+\.\d+$/),
  packages: z.array(
    z.strictObject({
      registryType: z.literal("npm"),
      identifier: z.string(),
      version: z.string().regex(/^\d+\.\d+\.\d+$/),
      runtimeHint: z.literal("npx"),
      transport: z.strictObject({ type: z.literal("stdio") }),
      packageArguments: z.array(
        z.discriminatedUnion("type", [
          z.strictObject({ type: z.literal("positional"), value: z.string() }),
          z.strictObject({
            type: z.literal("named"),
            name: z.string(),
            description: z.string(),
            default: z.string(),
            choices: z.array(z.string()),
          }),
        ]),
      ),
      environmentVariables: z.array(
        z.strictObject({
          name: z.string(),
          description: z.string(),
          isRequired: z.boolean(),
          isSecret: z.boolean(),
          default: z.optional(z.string()),
        }),
      ),
    }),
  ),
  _meta: z.strictObject({ "io.modelcontextprotocol.registry/publisher-provided": z.record(z.string(), z.string()) }),
});

test("server.json keeps the registry's rules, and names the package that claims it", async () => {
  const server = Server.parse(await read(join(folder, "server.json")));
  const about = (await read("package.json")) as { name: string; mcpName: string; version: string };
  expect(server.name).toBe(about.mcpName);
  expect(server.packages).toMatchObject([{ identifier: about.name, version: about.version }]);
  expect(server.packages[0]?.environmentVariables.filter(({ isSecret }) => isSecret).map(({ name }) => name)).toEqual([
    "GITLAB_TOKEN",
  ]);
});
