import { Command, Option } from "commander";
import { accesses } from "../policy/access.js";
import { port, positive } from "./arguments.js";
import { list } from "./selection.js";
import type { ServeFlags } from "./serve-run.js";

export function serveCommand(): Command {
  return new Command("serve")
    .description(
      "Serve the gateway: HTTP and JSON for programs in any language, each with a key (keys create) of its product's own.",
    )
    .option("--host <host>", "the address to listen on", "127.0.0.1")
    .option("--port <port>", "the port to listen on", port, 8080)
    .option(
      "--public-url <url>",
      "where the gateway is reached from outside, such as https://gitlab-gateway.example.com",
    )
    .option("--trusted-host <hosts>", "names under which a proxy passes requests on, separated by commas", list)
    .option(
      "--redirect-uri <uri>",
      "the product's page that GitLab sends people back to, such as https://app.example.com/connect/{connection}",
    )
    .option(
      "--callback",
      "in its place, complete authorizations at /callback/{connection} of --public-url: whoever follows a link then connects their GitLab with the link's account",
    )
    .addOption(new Option("--access <level>", "the most that any key's calls may do").choices(accesses))
    .option("--projects <projects>", "only these projects: numbers or paths, separated by commas", list)
    .option("--groups <groups>", "only these groups and all that is in them, separated by commas", list)
    .option("--tools <modules>", "modules with tools of your own, such as ./tools.js, separated by commas", list)
    .option("--max-body <bytes>", "the largest request that is read (default: 4194304)", positive)
    .option("--rate <requests>", "requests that one key may send to this process in a minute (default: 600)", positive)
    .option("--concurrent <requests>", "requests of one key that are worked on at once (default: 20)", positive)
    .option("--audit", "record each call in the store; accounts audit lists them")
    .option(
      "--metrics-port <port>",
      "serve /metrics for Prometheus on this port, apart from what products reach; wants @opentelemetry/sdk-metrics and @opentelemetry/exporter-prometheus installed",
      port,
    )
    .option("--openapi", "print the gateway's OpenAPI document, and end")
    .option("--json", "what is said on stderr comes as lines of JSON, one for each request, too")
    .action(async (flags: ServeFlags) => {
      const { serve } = await import("./serve-run.js");
      await serve(flags);
    });
}
