import { Command, Option } from "commander";
import { accesses } from "../policy/access.js";
import type { CreateFlags, KeyFlags, RevokeKeyFlags } from "./keys-run.js";
import { list } from "./selection.js";

/** The client is loaded when a command needs it, not for `--help`. */
const commands = () => import("./keys-run.js");

const json = ["--json", "machine-readable output"] as const;

export function keysCommand(): Command {
  return new Command("keys")
    .description("API keys of the products that use the gateway (serve): create, list and end them.")
    .addCommand(
      new Command("create")
        .description("Create a key, and print it: it is shown this once.")
        .argument("[name]", "what people call it, such as acme-production")
        .option("--namespace <product>", "the product whose accounts it reaches: other products' are not there for it")
        .option("--all-accounts", "it reaches every account of the store, as its identifier is there")
        .option(
          "--scopes <scopes>",
          "what it is for, separated by commas: accounts:read, accounts:write, tools:execute, sessions:write, events:read (default: the first three)",
          list,
        )
        .addOption(
          new Option("--access <level>", "the most that its calls may do in GitLab (default: read)").choices(accesses),
        )
        .option("--connections <names>", "which connections, separated by commas, or all (default: gitlab)", list)
        .option("--projects <projects>", "only these projects: numbers or paths, separated by commas", list)
        .option("--groups <groups>", "only these groups and all that is in them, separated by commas", list)
        .option("--expires-in <time>", "seconds, or a number with a unit; at most 366d", "90d")
        .option("--replaces <id>", "make it like this key, which ends after --overlap")
        .option("--overlap <time>", "how long the replaced key stays good: 0, 12h, 7d", "1d")
        .option(...json)
        .action(async (name: string | undefined, flags: CreateFlags) => (await commands()).createKey(name, flags)),
    )
    .addCommand(
      new Command("list")
        .description("List the keys that have not ended: whose, for what, last used when.")
        .option(...json)
        .action(async (flags: KeyFlags) => (await commands()).listKeys(flags)),
    )
    .addCommand(
      new Command("revoke")
        .description("End a key at once, in every process on the store.")
        .argument("<id>", "as list shows it")
        .option("--yes", "ask nothing")
        .option(...json)
        .action(async (id: string, flags: RevokeKeyFlags) => (await commands()).revokeKey(id, flags)),
    );
}
