import { generate } from "../codegen/generate.js";

/** One generation in a process of its own, so that its memory is its own: prints what it took as JSON. */
const began = performance.now();
const { tools } = await generate({ root: process.argv[2] ?? "." });
const wall = performance.now() - began;
const { user, system } = process.cpuUsage();
const { maxRSS } = process.resourceUsage();
console.log(JSON.stringify({ tools, wall, cpu: (user + system) / 1000, megabytes: Math.round(maxRSS / 1024) }));
