import { expect, onTestFinished, test } from "vitest";
import { installPacked } from "../support/packed.js";
import { typeProblems } from "./type-problems.js";

test("every entry point has types that resolve everywhere an ESM package can be used", async () => {
  const project = await installPacked();
  onTestFinished(() => project.remove());
  expect(await typeProblems(project.tarball)).toEqual([]);
});
