import { expect, test } from "vitest";
import { createLimiter } from "../../src/http/limiter.js";

const settings = { perAccount: 2, perInstance: 20, slowDownBelow: 0.1, longestWaitMs: 1000 };
const clock = { now: Date.now, steady: () => performance.now(), sleep: (): Promise<void> => Promise.resolve() };

test("20,000 accounts take their turns, in time that grows with their number", async () => {
  const limiter = createLimiter(settings, clock);
  let active = 0;
  let most = 0;
  await Promise.all(
    Array.from({ length: 40_000 }, async (_, index) => {
      const gate = limiter.gate("instance", `account-${index % 20_000}`, "route");
      const leave = await gate.enter({ signal: new AbortController().signal, deadline: Infinity });
      active += 1;
      most = Math.max(most, active);
      await Promise.resolve();
      active -= 1;
      leave();
      // Leaving twice is leaving once.
      leave();
    }),
  );
  expect(most).toBe(20);
  expect(active).toBe(0);
});
