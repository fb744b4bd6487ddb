import { Command, Option } from "commander";
import { accesses } from "../policy/access.js";
import { list } from "./selection.js";
import type { MintFlags, RevokeFlags, SessionFlags } from "./sessions-run.js";

/** The client is loaded when a command needs it, not for `--help`. */
const commands = () => import("./sessions-run.js");

const connection = ["--connection <name>", "the account's connection", "gitlab"] as const;
const json = ["--json", "machine-readable output"] as const;

export function sessionsCommand(): Command {
  return new Command("sessions")
    .description("Bearer tokens for the MCP server: mint one for a script, see who has signed in, and end them.")
    .addCommand(
      new Command("mint")
        .description("Mint a session for a connected account, and print its token.")
        .requiredOption("--identifier <id>", "whose account")
        .option(...connection)
        .option("--expires-in <time>", "seconds, or a number with a unit: 30m, 8h, 7d; at most 30d", "1h")
        .addOption(new Option("--access <level>", "the most that a tool may do").choices(accesses))
        .option("--projects <projects>", "only these projects: numbers or paths, separated by commas", list)
        .option("--groups <groups>", "only these groups and all that is in them, separated by commas", list)
        .option(...json)
        .action(async (flags: MintFlags) => (await commands()).mintSession(flags)),
    )
    .addCommand(
      new Command("list")
        .description("List who has signed in to the MCP server, and with which application.")
        .option(...json)
        .action(async (flags: SessionFlags) => (await commands()).listSessions(flags)),
    )
    .addCommand(
      new Command("revoke")
        .description("End all sessions of an account, those of people who have signed in included; or one session.")
        .requiredOption("--identifier <id>", "whose sessions")
        .option(...connection)
        .option("--session <id>", "only this one, as mint has shown it")
        .option("--yes", "ask nothing")
        .option(...json)
        .action(async (flags: RevokeFlags) => (await commands()).revokeSessions(flags)),
    );
}
