import { afterAll, beforeAll, expect, test } from "vitest";
import { commentEverywhere, openReview, type Outcome, type ReviewSetup } from "./review-places.js";

let review: ReviewSetup;
beforeAll(async () => {
  review = await openReview();
});
afterAll(() => review.close());

test("in 30 generated merge requests every line gets its comment where it belongs, and what is no line is refused", async () => {
  const outcome: Outcome = { comments: 0, refusals: 0, lines: 0, wrong: [] };
  for (let seed = 1; seed <= 30; seed += 1) await commentEverywhere(review, seed, 2, outcome);
  expect(outcome.wrong).toEqual([]);
  expect(outcome.lines).toBeGreaterThan(2000);
  expect(outcome.comments).toBeGreaterThan(40);
  expect(outcome.refusals).toBeGreaterThan(3);
}, 120_000);
