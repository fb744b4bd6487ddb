import { parse, resolve } from "node:path";
import { readFile } from "node:fs/promises";
import { text } from "node:stream/consumers";
import { Command, InvalidArgumentError, Option } from "commander";
import type { Confirm } from "../adapters/toolbox-types.js";
import { paint, print, printJson, UsageError } from "./output.js";
import { list } from "./selection.js";
import { columnsOf, printTable } from "./table.js";
import { withValues } from "./values.js";

interface CallFlags {
  readonly input: string;
  readonly connection?: string;
  readonly identifier?: string;
  readonly view?: "full" | "compact";
  readonly fields?: string[];
  readonly dryRun?: boolean;
  readonly confirm?: Confirm;
  readonly yes?: boolean;
  readonly timeout?: number;
  readonly tools?: string[];
  readonly json?: boolean;
}

export function callCommand(): Command {
  return new Command("call")
    .description(
      "Call one tool. GITLAB_TOKEN and GITLAB_URL say as whom and where, or --identifier names a connected account.",
    )
    .argument("<tool>", "the tool's name, such as gitlab_issues_list")
    .argument("[values...]", "its input as key=value, or key:=JSON; over what --input says")
    .option("--input <json>", "its input: JSON, @FILE, or - for standard input", "{}")
    .option("--identifier <id>", "the connected account to call with")
    .option("--connection <name>", "the account's connection")
    .addOption(new Option("--view <view>", "the answer's fields; default full").choices(["full", "compact"]))
    .option("--fields <paths>", "fields of the compact view, separated by commas; +field beside the usual ones", list)
    .addOption(
      new Option(
        "--confirm <calls>",
        "ask first, and refuse where nobody can be asked (default: at a terminal, ask about what is destructive or ships)",
      ).choices(["destructive", "writes", "never"]),
    )
    .option("--yes", "ask nothing: the same as --confirm never")
    .option("--dry-run", "print the HTTP request and send nothing")
    .option("--timeout <ms>", "the call's budget in milliseconds", milliseconds)
    .option("--tools <modules>", "modules with tools of your own, such as ./tools.js, separated by commas", list)
    .option("--json", "print the whole result (data, page, status, requestId) as JSON")
    .action(call);
}

function milliseconds(value: string): number {
  const number = Number(value);
  if (!Number.isInteger(number) || number <= 0) throw new InvalidArgumentError("Give a whole number of milliseconds.");
  return number;
}

function saving(input: unknown): unknown {
  if (typeof input !== "object" || input === null || !("save_to" in input)) return input;
  return typeof input.save_to === "string" && input.save_to !== ""
    ? { ...input, save_to: resolve(input.save_to) }
    : input;
}

async function call(toolName: string, values: readonly string[], flags: CallFlags): Promise<void> {
  const toolInput = withValues(await readInput(flags.input), values);
  const isTable = process.stdout.isTTY && !flags.json && !flags.dryRun && flags.view === undefined;
  const tools = flags.tools ? await (await import("./own-tools.js")).loadOwnTools(flags.tools) : [];
  if (!flags.dryRun) {
    const { agree } = await import("./agree.js");
    const confirm = flags.yes ? "never" : flags.confirm;
    await agree({ toolName, tools, toolInput, confirm, canAnswer: flags.input !== "-" });
  }
  const [{ openClient }, { forTerminal }, { readEnvironment }] = await Promise.all([
    import("./client.js"),
    import("./advice.js"),
    import("./environment.js"),
  ]);
  const token = flags.identifier === undefined && readEnvironment().token !== undefined;
  const advised = (error: unknown): never => {
    throw forTerminal(error, { ...flags, token });
  };
  const { gitlab, account } = await openClient(flags, { tools }).catch(advised);
  const stop = new AbortController();
  const interrupt = (): void => stop.abort();
  process.once("SIGINT", interrupt);
  try {
    const result = await gitlab
      .executeTool({
        ...account,
        toolName,
        toolInput: saving(toolInput),
        // Whoever is at the terminal says where.
        policy: { downloads: parse(process.cwd()).root, uploads: process.cwd() },
        // A table has room for what matters.
        ...(isTable ? { view: "compact" } : flags.view && { view: flags.view }),
        ...(flags.fields && { fields: flags.fields }),
        signal: stop.signal,
        ...(flags.dryRun && { dryRun: true }),
        ...(flags.timeout && { timeoutMs: flags.timeout }),
      })
      .catch(advised);
    const table = isTable ? columnsOf(result.data) : undefined;
    if (flags.json) printJson(result);
    else if (typeof result.data === "string") print(result.data);
    else if (isTable && table) printTable(table.titles, table.rows);
    else printJson(result.data);
    if (!flags.json && result.page?.hasMore) {
      const next = result.page.nextPage === undefined ? "" : `; the next is "page": ${result.page.nextPage}`;
      process.stderr.write(`${paint("dim", `more pages follow${next}`, process.stderr)}\n`);
    }
  } finally {
    process.removeListener("SIGINT", interrupt);
    await gitlab.close();
  }
}

/** JSON itself, `@FILE`, or `-` for standard input. */
async function readInput(argument: string): Promise<unknown> {
  const source =
    argument === "-"
      ? await text(process.stdin)
      : argument.startsWith("@")
        ? await readNamed(argument.slice(1))
        : argument;
  try {
    return JSON.parse(source) as unknown;
  } catch (error) {
    throw new UsageError(`--input is not JSON: ${error instanceof Error ? error.message : ""}`, { cause: error });
  }
}

async function readNamed(path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    throw new UsageError(`--input: ${path} cannot be read`, { cause: error });
  }
}
