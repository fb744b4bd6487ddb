import { readFile } from "node:fs/promises";
import { checkPackage, createPackageFromTarballData, type Problem } from "@arethetypeswrong/core";

/** What TypeScript cannot resolve of a packed package, in every way that it resolves; by default of all entry points. */
export async function typeProblems(tarball: string, entrypoints?: readonly string[]): Promise<Problem[]> {
  const packed = createPackageFromTarballData(new Uint8Array(await readFile(tarball)));
  const analysis = await checkPackage(packed, entrypoints && { entrypoints: [...entrypoints] });
  if (!analysis.types) throw new Error("no types were found");
  // ESM only, by design: require() of it is the caller's decision, and "node10" knows no entry points.
  const byDesign = new Set(["CJSResolvesToESM", "NoResolution"]);
  return analysis.problems.filter(
    (problem) =>
      !byDesign.has(problem.kind) || (problem.kind === "NoResolution" && problem.resolutionKind !== "node10"),
  );
}
