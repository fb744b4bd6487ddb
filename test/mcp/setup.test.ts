import { readFile } from "node:fs/promises";
import { Command } from "commander";
import { describe, expect, test } from "vitest";
import * as z from "zod/mini";
import { selectTools } from "../../src/tools/select.js";
import { readEnvironment } from "../../src/cli/environment.js";
import { mcpCommand } from "../../src/cli/mcp.js";
import type { McpFlags } from "../../src/cli/mcp-run.js";
import { selectionOf } from "../../src/cli/selection.js";

const readme = await readFile("README.md", "utf8");
const guide = await readFile("docs/mcp.md", "utf8");
const blocks = (language: string, text: string): string[] =>
  [...text.matchAll(new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\`$`, "gm"))].map(
    ([, code]) => code?.trim() ?? "",
  );

const Server = z.strictObject({
  type: z.optional(z.literal("stdio")),
  command: z.literal("npx"),
  args: z.array(z.string()),
  env: z.record(z.string(), z.string()),
});

/** The flags, as the command itself parses them; it refuses those that it does not know. */
function parse(args: readonly string[]): McpFlags {
  let parsed: McpFlags | undefined;
  const command = mcpCommand().action((flags: McpFlags) => void (parsed = flags));
  new Command()
    .exitOverride()
    .addCommand(command.exitOverride())
    .parse([...args], { from: "user" });
  if (!parsed) throw new Error("not parsed");
  return parsed;
}

/** `--env NAME=value` of a command. */
const envOf = (command: string): Record<string, string> =>
  Object.fromEntries(
    [...command.matchAll(/--env (\w+)=(\S+)/g)].map(([, name = "", value = ""]): [string, string] => [name, value]),
  );

/** What a client starts: `npx -y gitlab-agent-tools mcp …`, with an environment that names a token. */
function expectStarts(args: readonly string[], env: Readonly<Record<string, string>>): void {
  const [yes, name, ...rest] = args;
  expect([yes, name]).toEqual(["-y", "gitlab-agent-tools"]);
  const flags = parse(rest);
  expect(selectTools(selectionOf(flags)).length).toBeGreaterThan(0);
  expect(readEnvironment(env)).toMatchObject({ token: expect.any(String) as string, baseUrl: env["GITLAB_URL"] });
  expect(Object.keys(env).toSorted()).toEqual(["GITLAB_TOKEN", "GITLAB_URL"]);
}

/** The servers of the guide, by each client's own word for them. */
const settings = blocks("json", guide).map((block) => {
  const file = JSON.parse(block) as Record<string, unknown>;
  const [word = ""] = Object.keys(file).filter((key) => key !== "inputs");
  const { gitlab } = z.object({ gitlab: Server }).parse(file[word]);
  return { word, gitlab, inputs: file["inputs"] };
});

describe("the set-up of the documentation", () => {
  test("is in the README a command that names real flags", () => {
    const line = blocks("sh", readme).find((block) => block.startsWith("claude ")) ?? "";
    expectStarts(line.trim().split(" -- npx ")[1]?.split(" ") ?? [], envOf(line));
  });

  test("of VS Code asks for the token", () => {
    const { inputs, gitlab } = settings.find(({ word }) => word === "servers") ?? {};
    const Input = z.strictObject({
      id: z.string(),
      type: z.literal("promptString"),
      description: z.string(),
      password: z.literal(true),
    });
    const [input] = z.array(Input).parse(inputs);
    expect(gitlab?.env["GITLAB_TOKEN"]).toBe(`\${input:${input?.id ?? ""}}`);
  });

  test("of the guide is JSON that every client's own word leads to, and commands that name real flags", () => {
    for (const { gitlab } of settings) expectStarts(gitlab.args, gitlab.env);
    expect(settings.map(({ word }) => word)).toEqual(["mcpServers", "servers", "context_servers"]);
    const byUrl = [...guide.matchAll(/`(\{"(?:mcpServers|context_servers)":.*?\}\}\})`/g)].map(
      ([, text = ""]) => JSON.parse(text) as Record<string, { gitlab: Record<string, string> }>,
    );
    expect(byUrl.map((settings) => Object.values(settings)[0]?.gitlab)).toEqual([
      { url: "https://mcp.example.com/mcp" },
      { serverUrl: "https://mcp.example.com/mcp" },
      { url: "https://mcp.example.com/mcp" },
      { url: "https://mcp.example.com/mcp" },
    ]);
    for (const line of (blocks("sh", guide)[0] ?? "").split("\n"))
      expectStarts(line.split(" -- npx ")[1]?.split(" ") ?? [], envOf(line.split(" -- ")[0] ?? ""));
  });

  test("of the HTTP server names real flags", () => {
    const line = blocks("sh", guide).find((block) => block.includes("--port")) ?? "";
    const [, args = ""] = line.split("npx gitlab-agent-tools ");
    expect(parse(args.split(" "))).toMatchObject({ http: true, port: 8080 });
    expect(readEnvironment({ GITLAB_AGENT_TOOLS_STORE: line.split(/[= ]/)[1] }).store).toMatch(/^postgres:/);
  });

  test("names only flags and variables that exist", () => {
    const flags = mcpCommand().options.map(({ long }) => long);
    for (const [, flag] of guide.matchAll(/`(--[a-z-]+)/g)) expect(flags).toContain(flag);
    for (const [command] of guide.matchAll(/(?<=gitlab-agent-tools )mcp --http --public-url.*$/gm))
      expect(parse(command.split(" "))).toMatchObject({ http: true, publicUrl: "https://mcp.example.com" });
    const known = Object.keys(readEnvironment(everything));
    expect(known.length).toBe(6);
    for (const [name] of guide.matchAll(/\bGITLAB_[A-Z_]+\b/g)) expect(Object.keys(everything)).toContain(name);
  });
});

const everything = {
  GITLAB_TOKEN: "t",
  GITLAB_URL: "u",
  GITLAB_CLIENT_ID: "i",
  GITLAB_CLIENT_SECRET: "s",
  GITLAB_AGENT_TOOLS_STORE: "m",
  GITLAB_AGENT_TOOLS_KEY: "k",
};
