import { Command, Option } from "commander";
import { port, positive } from "./arguments.js";
import type { McpFlags } from "./mcp-run.js";
import { list, withSelection } from "./selection.js";

export function mcpCommand(): Command {
  return withSelection(
    new Command("mcp").description(
      "Serve the tools to MCP clients: on standard input and output for one person (GITLAB_TOKEN, or an account of the store), or with --http for many.",
    ),
  )
    .option("--identifier <id>", "the connected account to act as (default: me)")
    .option("--connection <name>", "the account's connection")
    .option("--projects <projects>", "only these projects: numbers or paths, separated by commas", list)
    .option("--groups <groups>", "only these groups and all that is in them, separated by commas", list)
    .option("--downloads <folder>", "stdio: where downloads may be saved (default: nowhere)")
    .option("--uploads <folder>", "stdio: where files to upload may be read from (default: nowhere)")
    .option("--discovery", "offer three tools that find, describe and call the others, for a fraction of the tokens")
    .addOption(new Option("--view <view>", "the answers' fields").choices(["full", "compact"]).default("compact"))
    .option("--max-result-tokens <count>", "the most tokens of one answer (default: 8000)", positive)
    .option("--structured-content", "declare output schemas and answer with structured content, too")
    .addOption(
      new Option(
        "--confirm <calls>",
        "ask the person first, through the client, and refuse where it cannot ask (default: ask about what is destructive or ships, where the client can)",
      ).choices(["destructive", "writes", "never"]),
    )
    .option(
      "--http",
      "serve Streamable HTTP: people sign in with GitLab, or their agents bring a session (sessions mint)",
    )
    .option("--host <host>", "http: the address to listen on", "127.0.0.1")
    .option("--port <port>", "http: the port to listen on", port, 8080)
    .option("--path <path>", "http: the endpoint's path", "/mcp")
    .option(
      "--public-url <url>",
      "http: where people reach the server, such as https://mcp.example.com; they sign in there with GITLAB_CLIENT_ID's application",
    )
    .option("--trusted-host <hosts>", "http: names under which a proxy passes requests on, separated by commas", list)
    .option("--audit", "http: record each call in the store; accounts audit lists them")
    .option("--allow-origin <origins>", "http: origins of web pages that may call, separated by commas", list)
    .option(
      "--metrics-port <port>",
      "http: serve /metrics for Prometheus on this port, apart from what people reach; wants @opentelemetry/sdk-metrics and @opentelemetry/exporter-prometheus installed",
      port,
    )
    .option("--json", "what is said on stderr comes as lines of JSON; with --http there is one for each request, too")
    .action(async (flags: McpFlags) => {
      const { mcp } = await import("./mcp-run.js");
      await mcp(flags);
    });
}
