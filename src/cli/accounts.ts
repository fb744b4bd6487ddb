import { Command } from "commander";
import type { AccountCommandFlags } from "./accounts-run.js";

/** The client is loaded when a command needs it, not for `--help`. */
const commands = () => import("./accounts-run.js");

function subcommand(name: string, description: string): Command {
  return new Command(name).description(description).option("--json", "machine-readable output");
}

const connection = ["--connection <name>", "the account's connection"] as const;

export function accountsCommand(): Command {
  return new Command("accounts")
    .description("Look at the connected accounts of the store in GITLAB_AGENT_TOOLS_STORE, and disconnect them.")
    .addCommand(
      subcommand("list", "List the accounts.")
        .option(...connection)
        .action(async (flags: AccountCommandFlags) => (await commands()).listAccounts(flags)),
    )
    .addCommand(
      subcommand("show", "Show one account.")
        .argument("<identifier>", "whose account")
        .option(...connection, "gitlab")
        .action(async (identifier: string, flags: AccountCommandFlags) =>
          (await commands()).showAccount(identifier, flags),
        ),
    )
    .addCommand(
      subcommand("disconnect", "Revoke an account's token at GitLab and delete the account here.")
        .argument("<identifier>", "whose account")
        .option(...connection, "gitlab")
        .action(async (identifier: string, flags: AccountCommandFlags) =>
          (await commands()).disconnectAccount(identifier, flags),
        ),
    )
    .addCommand(
      subcommand(
        "rotate",
        "Seal everything in the store with the first key of GITLAB_AGENT_TOOLS_KEY (new,old): then the others can go.",
      ).action(async (flags: AccountCommandFlags) => (await commands()).rotateKeys(flags)),
    );
}
