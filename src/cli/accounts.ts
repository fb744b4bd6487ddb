import { Command, InvalidArgumentError } from "commander";
import type { AccountCommandFlags, AuditFlags } from "./accounts-run.js";

/** The client is loaded when a command needs it, not for `--help`. */
const commands = () => import("./accounts-run.js");

function subcommand(name: string, description: string): Command {
  return new Command(name).description(description).option("--json", "machine-readable output");
}

const unitMs: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: 86_400_000 };

/** A time, or how long ago it was. */
function since(value: string): string {
  const [, amount, unit = ""] = /^(\d{1,6})([mhd])$/.exec(value) ?? [];
  const ms = amount === undefined ? Date.parse(value) : Date.now() - Number(amount) * (unitMs[unit] ?? 0);
  if (Number.isNaN(ms)) throw new InvalidArgumentError("Give 30m, 8h, 7d, or a time such as 2026-01-31T12:00:00Z.");
  return new Date(ms).toISOString();
}

function count(value: string): number {
  const number = Number(value);
  if (!Number.isInteger(number) || number <= 0) throw new InvalidArgumentError("Give a whole number above 0.");
  return number;
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
        .option("--yes", "ask nothing")
        .action(async (identifier: string, flags: AccountCommandFlags) =>
          (await commands()).disconnectAccount(identifier, flags),
        ),
    )
    .addCommand(
      new Command("export")
        .description("Print all that the store has of one person as JSON: no secret is in it.")
        .argument("<identifier>", "whose data")
        .option("--connection <name>", "only on this connection")
        .action(async (identifier: string, flags: AccountCommandFlags) =>
          (await commands()).exportPerson(identifier, flags),
        ),
    )
    .addCommand(
      subcommand("delete", "Delete all that the store has of one person, and revoke their tokens at GitLab.")
        .argument("<identifier>", "whose data")
        .option("--connection <name>", "only on this connection")
        .option("--yes", "ask nothing")
        .action(async (identifier: string, flags: AccountCommandFlags) =>
          (await commands()).deletePerson(identifier, flags),
        ),
    )
    .addCommand(
      subcommand("audit", "List calls that were recorded (createGitLab's audit, mcp --audit), newest first.")
        .option(...connection)
        .option("--identifier <id>", "only calls with this account")
        .option("--tool <name>", "only calls of this tool")
        .option("--since <time>", "only calls from then on: 30m, 8h, 7d, or a time such as 2026-01-31T12:00:00Z", since)
        .option("--limit <count>", "the most that are listed", count, 100)
        .action(async (flags: AuditFlags) => (await commands()).auditCalls(flags)),
    )
    .addCommand(
      subcommand(
        "rotate",
        "Seal everything in the store with the first key of GITLAB_AGENT_TOOLS_KEY (new,old): then the others can go.",
      ).action(async (flags: AccountCommandFlags) => (await commands()).rotateKeys(flags)),
    );
}
