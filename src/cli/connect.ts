import { Command, Option } from "commander";
import type { ConnectFlags } from "./connect-run.js";
import { list } from "./selection.js";

export function connectCommand(): Command {
  return new Command("connect")
    .description("Connect an account and keep it in the store of GITLAB_AGENT_TOOLS_STORE, encrypted.")
    .option("--identifier <id>", "whose account", "me")
    .option("--connection <name>", "on which connection", "gitlab")
    .option(
      "--url <url>",
      "the connection's instance, kept with it (default of gitlab: GITLAB_URL or https://gitlab.com)",
    )
    .option(
      "--client-id <id>",
      "the OAuth application's id, kept with the connection (default of gitlab: GITLAB_CLIENT_ID)",
    )
    .option("--scopes <scopes>", "OAuth scopes to ask for, separated by commas (default: read_api)", list)
    .addOption(
      new Option(
        "--with <way>",
        "how: a code entered on any device, a browser on this machine, or the token in GITLAB_TOKEN",
      )
        .choices(["device", "browser", "token"])
        .default("device"),
    )
    .option("--redirect-uri <uri>", "browser: the application's redirect URI on this machine")
    .option("--json", "machine-readable output; where to go and the code come as a line of JSON on stderr")
    .action(async (flags: ConnectFlags) => {
      const { connect } = await import("./connect-run.js");
      await connect(flags);
    });
}
