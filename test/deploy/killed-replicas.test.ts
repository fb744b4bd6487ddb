import { expect, test } from "vitest";
import { killOneByOne } from "../support/killed-replicas.js";

test("replicas of the gateway are ended one by one under load: reads are answered, writes are made once or said not to be known", async () => {
  const { reads, made, unknown, inGitLab } = await killOneByOne({
    ...{ surface: "serve", clients: 4, between: 10 },
    signals: ["SIGTERM", "SIGKILL"],
  });
  expect(reads).toBeGreaterThan(20);
  expect(made.length).toBeGreaterThan(10);
  for (const title of made) expect(inGitLab.get(title), title).toBe(1);
  for (const title of unknown) expect(inGitLab.get(title), title).toBeLessThanOrEqual(1);
}, 300_000);
