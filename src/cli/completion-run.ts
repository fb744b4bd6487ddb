import type { Command } from "commander";
import { toolNames } from "../../generated/tool-names.js";
import { print } from "./output.js";

export type Shell = "bash" | "zsh" | "fish";

/** What may come after a command, by the command's words: `accounts list`. */
interface CompletionWords {
  readonly path: string;
  /** Commands below, or what its first argument may be. */
  readonly words: readonly string[];
  readonly options: readonly string[];
  /** What an option's value may be. */
  readonly values: readonly { readonly option: string; readonly words: readonly string[] }[];
}

/** Commands whose argument is a tool. */
const takesTool = new Set(["call", "tools show", "tools explain"]);

function commandsOf(command: Command, path: readonly string[] = []): CompletionWords[] {
  const below = command.commands;
  const here = path.join(" ");
  const choices = command.registeredArguments[0]?.argChoices ?? [];
  const options = command.options.filter(({ hidden }) => !hidden);
  return [
    {
      path: here,
      words: takesTool.has(here) ? toolNames : below.length > 0 ? below.map((one) => one.name()) : choices,
      options: [...options.flatMap(({ long }) => (long ? [long] : [])), "--help"],
      values: options.flatMap(({ long, argChoices }) =>
        long && argChoices ? [{ option: long, words: argChoices }] : [],
      ),
    },
    ...below.flatMap((one) => commandsOf(one, [...path, one.name()])),
  ];
}

const name = "gitlab-agent-tools";

/** Prints the script. Everything in it is a word of ours: nothing has to be quoted. */
export function completion(shell: Shell, root: Command): void {
  print(scripts[shell](commandsOf(root)));
}

/** A `case` that sets `candidates`, by the command's words, the word before and what has been typed; for bash and zsh. */
function cases(commands: readonly CompletionWords[]): string {
  return commands
    .map(({ path, words, options, values }) => {
      const ofValues = values.map(
        ({ option, words: choices }) => `      ${option}) candidates="${choices.join(" ")}" ;;`,
      );
      return [
        `    "${path}")`,
        '      case "$before" in',
        ...ofValues,
        `      *) case "$typed" in -*) candidates="${options.join(" ")}" ;; *) candidates="${words.join(" ")}" ;; esac ;;`,
        "      esac ;;",
      ].join("\n");
    })
    .join("\n");
}

/** The command's words that were typed so far: those that are commands. `words` and `count` are the shell's. */
const walk = (commands: readonly CompletionWords[], word: string): string => `
  while [ "$i" -lt "$count" ]; do
    word="${word}"
    case " ${commands.map(({ path }) => `[${path}]`).join(" ")} " in
      *" [\${path:+$path }$word] "*) path="\${path:+$path }$word" ;;
    esac
    i=$((i + 1))
  done`;

const scripts: Readonly<Record<Shell, (commands: readonly CompletionWords[]) => string>> = {
  bash: (commands) => `_gitlab_agent_tools() {
  local typed="\${COMP_WORDS[COMP_CWORD]}" before="\${COMP_WORDS[COMP_CWORD-1]}" path="" candidates="" word i=1 count="$COMP_CWORD"
${walk(commands, "${COMP_WORDS[i]}")}
  case "$path" in
${cases(commands)}
  esac
  COMPREPLY=($(compgen -W "$candidates" -- "$typed"))
}
complete -o default -F _gitlab_agent_tools ${name}`,
  zsh: (commands) => `#compdef ${name}
_gitlab_agent_tools() {
  local typed="\${words[CURRENT]}" before="\${words[CURRENT-1]}" path="" candidates="" word i=2 count="$CURRENT"
${walk(commands, "${words[i]}")}
  case "$path" in
${cases(commands)}
  esac
  compadd -- \${=candidates}
}
compdef _gitlab_agent_tools ${name}`,
  fish: (commands) =>
    [
      `complete -c ${name} -f`,
      ...commands.flatMap(({ path, words, options, values }) => {
        const parts = path === "" ? [] : path.split(" ");
        const below = commands
          .filter((other) => other.path.startsWith(path === "" ? "" : `${path} `) && other.path !== path)
          .map((other) => other.path.split(" ")[parts.length] ?? "");
        const seen = parts.map((part) => `__fish_seen_subcommand_from ${part}`);
        const unseen = below.length > 0 ? [`not __fish_seen_subcommand_from ${[...new Set(below)].join(" ")}`] : [];
        const when = [...seen, ...unseen].join("; and ");
        const only = when === "" ? "" : ` -n '${when}'`;
        const ofOptions = options.map((option) => {
          const choices = values.find((value) => value.option === option)?.words;
          return `complete -c ${name}${only} -l ${option.slice(2)}${choices ? ` -x -a '${choices.join(" ")}'` : ""}`;
        });
        return [...(words.length > 0 ? [`complete -c ${name}${only} -a '${words.join(" ")}'`] : []), ...ofOptions];
      }),
    ].join("\n"),
};
