import { parseArgs } from "node:util";
import { benchCalls } from "./calls.js";
import { benchDerive } from "./derive.js";
import { benchDiscovery } from "./discovery.js";
import { benchEmulator } from "./emulator.js";
import { benchGenerate } from "./generate.js";
import { benchMcp } from "./mcp.js";
import { benchScale } from "./scale.js";
import { benchPeers } from "./peers.js";
import { benchStartup } from "./startup.js";
import { benchStorm } from "./storm.js";
import { benchTokens } from "./tokens.js";

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    document: { type: "string" },
    // Of scale.
    accounts: { type: "string", default: "100000" },
    replicas: { type: "string", default: "8" },
    burst: { type: "string", default: "0.2" },
    // Of `peers`: whether docs/bench.json and what is made from it are written, and which groups are measured.
    write: { type: "boolean", default: false },
    only: { type: "string", multiple: true },
  },
});

const benches: Readonly<Record<string, () => Promise<void> | void>> = {
  tokens: benchTokens,
  discovery: benchDiscovery,
  calls: benchCalls,
  generate: () => benchGenerate(values.document),
  derive: benchDerive,
  startup: benchStartup,
  mcp: benchMcp,
  emulator: benchEmulator,
  storm: benchStorm,
  scale: () =>
    benchScale({
      accounts: Number(values.accounts),
      replicas: Number(values.replicas),
      burst: Number(values.burst),
    }),
  peers: () => benchPeers(values.write, values.only),
};

/** Minutes long: only by its name. */
const long = new Set(["scale"]);

const unknown = positionals.filter((name) => !(name in benches));
if (unknown.length > 0) {
  console.error(`There is no bench ${unknown.join(", ")}; there are ${Object.keys(benches).join(", ")}.`);
  process.exitCode = 2;
} else {
  for (const [name, run] of Object.entries(benches))
    if (positionals.length === 0 ? !long.has(name) : positionals.includes(name)) await run();
}
