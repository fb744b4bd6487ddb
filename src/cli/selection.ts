import { Option, type Command } from "commander";
import type { Selection } from "../adapters/select.js";

/** Options that choose tools, shared by every command that lists them. */
export function withSelection(command: Command): Command {
  return command
    .option("--tools <names>", "only these tools, by name or glob, separated by commas", list)
    .option("--area <areas>", "only these areas, separated by commas", list)
    .addOption(new Option("--access <level>", "the most that a tool may do").choices(["read", "write", "destructive"]));
}

const list = (value: string): string[] =>
  value
    .split(",")
    .map((part) => part.trim())
    .filter(Boolean);

export interface SelectionFlags {
  readonly tools?: string[];
  readonly area?: string[];
  readonly access?: Selection["access"];
}

export function selectionOf(flags: SelectionFlags): Selection {
  return {
    ...(flags.tools && { tools: flags.tools }),
    ...(flags.area && { areas: flags.area }),
    ...(flags.access && { access: flags.access }),
  };
}
