import { Argument, Command } from "commander";
import type { Shell } from "./completion-run.js";

export function completionCommand(): Command {
  return new Command("completion")
    .description("Print what completes this command line in a shell.")
    .addArgument(new Argument("<shell>", "which shell").choices(["bash", "zsh", "fish"]))
    .addHelpText(
      "after",
      `
bash  gitlab-agent-tools completion bash >> ~/.bashrc
zsh   gitlab-agent-tools completion zsh > "\${fpath[1]}/_gitlab-agent-tools"
fish  gitlab-agent-tools completion fish > ~/.config/fish/completions/gitlab-agent-tools.fish`,
    )
    .action(async (shell: Shell, _: unknown, command: Command) => {
      const { completion } = await import("./completion-run.js");
      completion(shell, command.parent ?? command);
    });
}
