import { Command } from "commander";

export function demoCommand(): Command {
  return new Command("demo")
    .description("Connect two engineers on two emulated GitLab instances and run the everyday flows.")
    .option("--json", "accepted for every command; the demo prints text")
    .action(async () => {
      const { demo } = await import("./demo-run.js");
      await demo();
    });
}
