import { Command, CommanderError } from "commander";
import { version } from "../version.js";
import { accountsCommand } from "./accounts.js";
import { callCommand } from "./call.js";
import { connectCommand } from "./connect.js";
import { demoCommand } from "./demo.js";
import { generateCommand } from "./generate.js";
import { mcpCommand } from "./mcp.js";
import { exitCodes, reportError } from "./output.js";
import { specCommand } from "./spec.js";
import { toolsCommand } from "./tools.js";

function program(): Command {
  const root = new Command("gitlab-agent-tools")
    .description("Typed GitLab tools for AI agents: generate them, look at them, call them.")
    .version(version)
    .showHelpAfterError("(--help shows the usage)");
  for (const command of [
    toolsCommand(),
    callCommand(),
    connectCommand(),
    accountsCommand(),
    mcpCommand(),
    generateCommand(),
    specCommand(),
    demoCommand(),
  ]) {
    root.addCommand(command);
  }
  return root;
}

/** commander keeps these settings per command: its errors must come back to us, whichever command they arise in. */
function overrideExits(command: Command): void {
  command.exitOverride();
  command.commands.forEach(overrideExits);
}

/** Runs the command line and returns its exit code: 0, 1 on an error, 2 on wrong usage. */
export async function run(args: readonly string[]): Promise<number> {
  const root = program();
  overrideExits(root);
  try {
    await root.parseAsync([...args], { from: "user" });
    return exitCodes.ok;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.ok : exitCodes.usage;
    return reportError(error, { json: args.includes("--json") });
  }
}
