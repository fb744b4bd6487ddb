import { Command } from "commander";

export function doctorCommand(): Command {
  return new Command("doctor")
    .description("Look at everything that a call needs: environment, proxy, store, key, instances, tokens, clock.")
    .option("--json", "machine-readable output")
    .action(async (flags: { readonly json?: boolean }) => {
      const { doctor } = await import("./doctor-run.js");
      await doctor(flags);
    });
}
