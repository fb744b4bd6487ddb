import { Command } from "commander";

export function demoCommand(): Command {
  return new Command("demo")
    .description("Connect two engineers on two emulated GitLab instances and run the everyday flows.")
    .option("--json", "what happened, as one JSON document at the end")
    .action(async (flags: { json?: boolean }) => {
      const { demo } = await import("./demo-run.js");
      await demo(flags);
    });
}
