import { Option, type Command } from "commander";
import type { Selection } from "../tools/select.js";
import { accesses } from "../policy/access.js";

/** Options that choose tools, shared by every command that lists them. */
export function withSelection(command: Command): Command {
  return command
    .option("--preset <names>", "tools for common jobs: triage, review, ci, release, read-only", list)
    .option(
      "--tools <names-and-modules>",
      "separated by commas: a module with tools of your own, such as ./tools.js, is offered beside GitLab's; names and globs are all that is offered; !name takes away",
      list,
    )
    .option("--area <areas>", "only these areas, separated by commas", list)
    .addOption(
      new Option("--level <level>", "how far globs and areas reach; a tool named in full is always reached").choices([
        "core",
        "extended",
        "all",
      ]),
    )
    .addOption(new Option("--access <level>", "the most that a tool may do").choices(accesses))
    .option("--scopes <scopes>", "only tools that these OAuth scopes suffice for, separated by commas", list)
    .addOption(new Option("--tier <plan>", "only tools that this plan has").choices(["free", "premium", "ultimate"]))
    .option("--gitlab-version <version>", "only tools that this version of GitLab has");
}

/** Words separated by commas. */
export /** `a, b` as an option's value. */
const list = (value: string): string[] =>
  value
    .split(",")
    .map((part) => part.trim())
    .filter(Boolean);

/** Whether a part of `--tools` is a module's path: names of tools and globs have neither dots nor slashes. */
export const isModule = (part: string): boolean => /[./\\]/.test(part);

export interface SelectionFlags {
  readonly preset?: string[];
  readonly tools?: string[];
  readonly area?: string[];
  readonly level?: Selection["level"];
  readonly access?: Selection["access"];
  readonly scopes?: string[];
  readonly tier?: Selection["tier"];
  readonly gitlabVersion?: string;
}

export function selectionOf(flags: SelectionFlags): Selection {
  const { preset, area, level, access, scopes, tier, gitlabVersion } = flags;
  const tools = flags.tools?.filter((part) => !isModule(part));
  return {
    // Names are checked where the presets are, which are not loaded for --help.
    ...(preset && { preset: preset as Extract<Selection["preset"], readonly unknown[]> }),
    ...(tools && tools.length > 0 && { tools }),
    ...(area && { areas: area }),
    ...(level && { level }),
    ...(access && { access }),
    ...(scopes && { scopes }),
    ...(tier && { tier }),
    ...(gitlabVersion !== undefined && { version: gitlabVersion }),
  };
}
