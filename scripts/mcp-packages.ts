import { createHash } from "node:crypto";
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { zipSync, type Zippable } from "fflate";
import * as z from "zod/mini";
import { selectTools } from "../src/tools/select.js";

// What MCP clients and directories install from: `gitlab-agent-tools.mcpb`, the server with everything that it needs in
// one file that a person opens (https://github.com/modelcontextprotocol/mcpb), and `server.json` for the MCP registry
// (https://github.com/modelcontextprotocol/registry). Into the folder named, or `packages/`.

const root = fileURLToPath(new URL("..", import.meta.url));
const output = resolve(process.argv[2] ?? join(root, "packages"));

const Package = z.object({
  name: z.string(),
  mcpName: z.string(),
  version: z.string(),
  license: z.string(),
  keywords: z.array(z.string()),
  engines: z.object({ node: z.string() }),
});
const about = Package.parse(JSON.parse(await readFile(join(root, "package.json"), "utf8")));
const description = "GitLab as you: issues, merge requests, pipelines, files and releases, within limits that you set.";

/** What a person is asked for, by the variable of the environment that it goes to. */
const settings = {
  GITLAB_TOKEN: {
    title: "Access token",
    description: "A personal access token with the scope api, or read_api to read only",
    secret: true,
  },
  GITLAB_URL: {
    title: "GitLab",
    description: "The address of your GitLab",
    secret: false,
    default: "https://gitlab.com",
  },
} as const;

const entry = "server/main.js";

/** The command line and all that it imports: the bundle needs Node and nothing else. */
async function bundle(): Promise<{ readonly files: Zippable; readonly packages: readonly string[] }> {
  const { outputFiles, metafile } = await build({
    absWorkingDir: root,
    entryPoints: { main: "src/cli/main.ts" },
    outdir: "server",
    bundle: true,
    splitting: true,
    minify: true,
    write: false,
    metafile: true,
    format: "esm",
    platform: "node",
    target: "node20",
    alias: { "#transport": "./src/http/node-transport.ts" },
    // For stores, and for the generator: neither is of use to one person's server.
    external: ["libsql", "pg", "typescript", "openapi-typescript"],
    // Dependencies that are CommonJS ask for Node's own modules: https://github.com/evanw/esbuild/issues/1921
    banner: { js: 'import{createRequire as bundled}from"node:module";const require=bundled(import.meta.url);' },
  });
  const files = outputFiles.map(({ path, contents }) => [path.slice(join(root, "/").length), contents] as const);
  const packages = Object.keys(metafile.inputs).flatMap(
    (path) => /^node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path)?.[1] ?? [],
  );
  return { files: Object.fromEntries(files), packages: [...new Set(packages)].toSorted() };
}

/** The licences of what is bundled, as they want it. */
async function licences(packages: readonly string[]): Promise<string> {
  const texts = await Promise.all(
    packages.map(async (name) => {
      const folder = join(root, "node_modules", name);
      const file = (await readdir(folder)).find((one) => /^(licen[cs]e|copying)/i.test(one));
      const { license = "" } = JSON.parse(await readFile(join(folder, "package.json"), "utf8")) as { license?: string };
      return `${name}\n${license}\n\n${file ? await readFile(join(folder, file), "utf8") : ""}`;
    }),
  );
  return texts.join(`\n\n${"-".repeat(80)}\n\n`);
}

/** @see https://github.com/modelcontextprotocol/mcpb/blob/main/MANIFEST.md */
const manifest = {
  manifest_version: "0.3",
  name: about.name,
  display_name: "GitLab",
  version: about.version,
  description,
  author: { name: "The authors of gitlab-agent-tools" },
  license: about.license,
  keywords: about.keywords,
  server: {
    type: "node",
    entry_point: entry,
    mcp_config: {
      command: "node",
      args: [`\${__dirname}/${entry}`, "mcp", "--access", "${user_config.access}"],
      env: Object.fromEntries(Object.keys(settings).map((name) => [name, `\${user_config.${name.toLowerCase()}}`])),
    },
  },
  user_config: {
    ...Object.fromEntries(
      Object.entries(settings).map(([name, { secret, ...setting }]) => [
        name.toLowerCase(),
        { type: "string", ...setting, required: true, ...(secret && { sensitive: true }) },
      ]),
    ),
    access: {
      type: "string",
      title: "The most that it may do",
      description: "read, write or destructive",
      default: "write",
      required: true,
    },
  },
  tools: selectTools().map(({ name, description: text }) => ({ name, description: text })),
  prompts_generated: true,
  compatibility: { platforms: ["darwin", "win32", "linux"], runtimes: { node: about.engines.node } },
};

/** @see https://github.com/modelcontextprotocol/registry/blob/main/docs/reference/server-json/generic-server-json.md */
const serverOf = (bundleHash: string): object => ({
  $schema: "https://static.modelcontextprotocol.io/schemas/2025-12-11/server.schema.json",
  name: about.mcpName,
  title: "GitLab",
  description,
  version: about.version,
  packages: [
    {
      registryType: "npm",
      identifier: about.name,
      version: about.version,
      runtimeHint: "npx",
      transport: { type: "stdio" },
      packageArguments: [
        { type: "positional", value: "mcp" },
        {
          type: "named",
          name: "--access",
          description: "The most that tools may do",
          default: "write",
          choices: ["read", "write", "destructive"],
        },
      ],
      environmentVariables: Object.entries(settings).map(([name, { description: text, secret, ...setting }]) => ({
        name,
        description: text,
        isRequired: secret,
        isSecret: secret,
        ...("default" in setting && { default: setting.default }),
      })),
    },
  ],
  _meta: { "io.modelcontextprotocol.registry/publisher-provided": { mcpbSha256: bundleHash } },
});

const json = (value: unknown): string => `${JSON.stringify(value, undefined, 2)}\n`;
const { files, packages } = await bundle();
const text = (content: string): Uint8Array => new TextEncoder().encode(content);
const zipped = zipSync(
  {
    "manifest.json": text(json(manifest)),
    "package.json": text(json({ type: "module", private: true })),
    LICENSE: await readFile(join(root, "LICENSE")),
    NOTICE: await readFile(join(root, "NOTICE")),
    "THIRD-PARTY-LICENSES.txt": text(await licences(packages)),
    ...files,
  },
  // The same sources make the same file.
  { level: 9, mtime: "1980-01-01T00:00:00Z" },
);
await mkdir(output, { recursive: true });
await writeFile(join(output, `${about.name}.mcpb`), zipped);
await writeFile(join(output, "server.json"), json(serverOf(createHash("sha256").update(zipped).digest("hex"))));
console.log(`${about.name}.mcpb (${(zipped.length / 2 ** 20).toFixed(1)} MiB) and server.json are in ${output}`);
