import { Command, CommanderError } from "commander";
import { version } from "../version.js";
import { accountsCommand } from "./accounts.js";
import { startBusy } from "./busy.js";
import { callCommand } from "./call.js";
import { completionCommand } from "./completion.js";
import { connectCommand } from "./connect.js";
import { demoCommand } from "./demo.js";
import { doctorCommand } from "./doctor.js";
import { generateCommand } from "./generate.js";
import { keysCommand } from "./keys.js";
import { mcpCommand } from "./mcp.js";
import { emulatorCommand } from "./emulator.js";
import { exitCodes, reportError, UsageError } from "./output.js";
import { serveCommand } from "./serve.js";
import { sessionsCommand } from "./sessions.js";
import { specCommand } from "./spec.js";
import { toolsCommand } from "./tools.js";

function program(): Command {
  const root = new Command("gitlab-agent-tools")
    .description("Typed GitLab tools for AI agents: generate them, look at them, call them.")
    .version(version)
    // `emulator --version` is the version of GitLab that it plays.
    .enablePositionalOptions()
    .showHelpAfterError("(--help shows the usage)");
  for (const command of [
    toolsCommand(),
    callCommand(),
    connectCommand(),
    accountsCommand(),
    mcpCommand(),
    sessionsCommand(),
    serveCommand(),
    keysCommand(),
    generateCommand(),
    specCommand(),
    demoCommand(),
    emulatorCommand(),
    doctorCommand(),
    completionCommand(),
  ]) {
    root.addCommand(command);
  }
  return root;
}

const silent = { writeErr: () => undefined, outputError: () => undefined };

/**
 * commander keeps these settings per command: its errors must come back to us, whichever command they arise in. It
 * prints them itself, as text; a program that asked for JSON gets them from {@link usageError}.
 */
function overrideExits(command: Command, { json }: { json: boolean }): void {
  command.exitOverride();
  if (json) command.configureOutput(silent);
  for (const inner of command.commands) overrideExits(inner, { json });
}

/** commander's words, without what is around them on a terminal. */
function usageError(error: CommanderError): UsageError {
  const help = error.code === "commander.help";
  const message = help ? "A command is missing; --help lists them." : error.message.replace(/^error: /, "");
  return new UsageError(message.trim(), { cause: error });
}

/** Whether the answer is for a program. What follows `--` is no option. */
function wantsJson(args: readonly string[]): boolean {
  const end = args.indexOf("--");
  return args.slice(0, end === -1 ? undefined : end).includes("--json");
}

/** Commands that run until they are stopped. */
const serving = new Set(["mcp", "serve", "emulator"]);

/** Runs the command line and returns its exit code: 0, 1 on an error, 2 on wrong usage. */
export async function run(args: readonly string[]): Promise<number> {
  const root = program();
  const json = wantsJson(args);
  overrideExits(root, { json });
  let rest = (): void => undefined;
  root.hook("preAction", (_, command) => {
    if (!json && !serving.has(command.name())) rest = startBusy("working");
  });
  try {
    await root.parseAsync([...args], { from: "user" });
    return exitCodes.ok;
  } catch (error) {
    if (!(error instanceof CommanderError)) return reportError(error, { json });
    if (error.exitCode === 0) return exitCodes.ok;
    return json ? reportError(usageError(error), { json }) : exitCodes.usage;
  } finally {
    rest();
  }
}
