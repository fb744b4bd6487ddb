import { expect, test } from "vitest";
import { runRandomAnswers } from "./random-answers.js";

test(
  "100,000 random answers: results and errors of ours only, no token, memory bounded",
  { timeout: 3_600_000 },
  async () => {
    const seed = Number(process.env["SEED"] ?? 1);
    const findings = await runRandomAnswers({ calls: 100_000, seed });
    console.log(`seed ${seed}:`, findings);
    expect(findings.wrong).toEqual([]);
    expect(findings.heapGrowthMiB).toBeLessThan(200);
  },
);
