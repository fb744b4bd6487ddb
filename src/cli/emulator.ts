import { Command, InvalidArgumentError, Option } from "commander";
import type { EmulatorFlags } from "./emulator-run.js";

const portOf = (text: string): number => {
  const port = Number(text);
  if (!/^\d+$/.test(text) || port > 65_535) throw new InvalidArgumentError("A port is a number from 0 to 65535.");
  return port;
};

/** `gitlab-agent-tools emulator`: a GitLab on this machine, to try agents against. */
export function emulatorCommand(): Command {
  return new Command("emulator")
    .description("Start an emulated GitLab on this machine, with people, projects and an OAuth application.")
    .option("--port <number>", "where to listen (default: any free port)", portOf)
    .option("--host <host>", "the interface to listen on", "127.0.0.1")
    .option("--seed <file>", "what to begin with, as YAML or JSON (default: a small company)")
    .addOption(
      new Option("--plan <plan>", "what is paid for").choices(["free", "premium", "ultimate"]).default("premium"),
    )
    .option("--version <version>", "the version of GitLab that it says it is (default: 19.5.0-ee)")
    .option("--instance <kind>", "gitlab.com or self-managed", "self-managed")
    .option("--redirect-uri <uri>", "the OAuth application's redirect URI", "http://127.0.0.1:8765/callback")
    .option("--client-id <id>", "the application's client id (default: made up)")
    .option("--client-secret <secret>", "its secret (default: made up)")
    .option("--json", "one JSON document with everything, then keep running")
    .action(async (flags: EmulatorFlags) => {
      const { runEmulator } = await import("./emulator-run.js");
      await runEmulator(flags);
    });
}
