import { expect, test } from "vitest";
import { killOneByOne } from "../support/killed-replicas.js";

const rounds = 2;

test.each(["serve", "mcp"] as const)(
  "%s: replicas that are told to stop lose no read, and make no write twice",
  async (surface) => {
    const signals = Array.from({ length: rounds }, () => "SIGTERM" as const);
    const { reads, made, unknown, inGitLab } = await killOneByOne({ surface, signals, clients: 8, between: 40 });
    console.log(`${surface}, SIGTERM: ${reads} reads, ${made.length} writes made, ${unknown.length} unknown`);
    for (const title of made) expect(inGitLab.get(title), title).toBe(1);
    for (const title of unknown) expect(inGitLab.get(title), title).toBeLessThanOrEqual(1);
    // What is under way is finished, and what comes then goes to the other one. A connection that the system had taken, and
    // the process had not, is the exception: over the gateway its request is repeated by its key.
    expect(unknown.length).toBeLessThanOrEqual(surface === "serve" ? 0 : rounds * 2);
  },
);

test.each(["serve", "mcp"] as const)(
  "%s: replicas that are killed lose no read, and make no write twice",
  async (surface) => {
    const signals = Array.from({ length: rounds }, () => "SIGKILL" as const);
    const { reads, made, unknown, inGitLab } = await killOneByOne({ surface, signals, clients: 8, between: 40 });
    console.log(`${surface}, SIGKILL: ${reads} reads, ${made.length} writes made, ${unknown.length} unknown`);
    for (const title of made) expect(inGitLab.get(title), title).toBe(1);
    for (const title of unknown) expect(inGitLab.get(title), title).toBeLessThanOrEqual(1);
    // No more than were under way when a process was killed.
    expect(unknown.length).toBeLessThanOrEqual(rounds * 8);
  },
);
