import { readFile } from "node:fs/promises";
import { checkPackage, createPackageFromTarballData, type Problem } from "@arethetypeswrong/core";
import { expect, onTestFinished, test } from "vitest";
import { installPacked } from "../support/packed.js";

/** What TypeScript cannot resolve of a packed package, in every way that it resolves. */
async function typeProblems(tarball: string): Promise<Problem[]> {
  const packed = createPackageFromTarballData(new Uint8Array(await readFile(tarball)));
  const analysis = await checkPackage(packed);
  if (!analysis.types) throw new Error("no types were found");
  // ESM only, by design: require() of it is the caller's decision, and "node10" knows no entry points.
  const byDesign = new Set(["CJSResolvesToESM", "NoResolution"]);
  return analysis.problems.filter(
    (problem) =>
      !byDesign.has(problem.kind) || (problem.kind === "NoResolution" && problem.resolutionKind !== "node10"),
  );
}

test("every entry point has types that resolve everywhere an ESM package can be used", async () => {
  const project = await installPacked();
  onTestFinished(() => project.remove());
  expect(await typeProblems(project.tarball)).toEqual([]);
});
