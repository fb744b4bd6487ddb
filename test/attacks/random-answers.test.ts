import { expect, test } from "vitest";
import { runRandomAnswers } from "./random-answers.js";

test("whatever an instance answers, a call ends in a result or in one error of ours, and no token shows", async () => {
  const { wrong, outcomes } = await runRandomAnswers({ calls: 100, seed: 1, timeoutMs: 700 });
  expect(wrong).toEqual([]);
  expect(Object.values(outcomes).reduce((sum, count) => sum + count, 0)).toBe(100);
});
