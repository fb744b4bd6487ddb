import { afterAll, beforeAll, expect, test } from "vitest";
import { commentEverywhere, openReview, type Outcome, type ReviewSetup } from "./review-places.js";

let review: ReviewSetup;
beforeAll(async () => {
  review = await openReview();
});
afterAll(() => review.close());

test("in 10 generated merge requests every line gets its comment where it belongs, and what is no line is refused", async () => {
  const outcome: Outcome = { comments: 0, refusals: 0, lines: 0, wrong: [] };
  for (let seed = 1; seed <= 10; seed += 1) await commentEverywhere(review, seed, 2, outcome);
  expect(outcome.wrong).toEqual([]);
  expect(outcome.lines).toBeGreaterThan(500);
  expect(outcome.comments).toBeGreaterThan(10);
  expect(outcome.refusals).toBeGreaterThan(0);
}, 120_000);
