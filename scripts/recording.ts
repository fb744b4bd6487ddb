import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { recordingFile, toSvg } from "./recording/svg.js";

// Plays the demo and writes docs/demo.svg, the recording in README.md.

const demo = execFileSync(process.execPath, ["--import", "tsx", "src/cli/main.ts", "demo"], { encoding: "utf8" });
writeFileSync(recordingFile, toSvg("npx gitlab-agent-tools demo", demo));
