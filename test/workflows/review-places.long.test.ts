import { afterAll, beforeAll, expect, test } from "vitest";
import { commentEverywhere, openReview, type Outcome, type ReviewSetup } from "./review-places.js";

let review: ReviewSetup;
beforeAll(async () => {
  review = await openReview();
});
afterAll(() => review.close());

test("in 300 generated merge requests every line gets its comment where it belongs, and what is no line is refused", async () => {
  const outcome: Outcome = { comments: 0, refusals: 0, lines: 0, wrong: [] };
  for (let seed = 1; seed <= 300; seed += 1) await commentEverywhere(review, seed, 12, outcome);
  expect(outcome.wrong).toEqual([]);
  console.log(`${outcome.lines} lines; by the tool ${outcome.comments} comments, ${outcome.refusals} refusals`);
});
