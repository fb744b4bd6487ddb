import { leadsElsewhere, textOf, type MethodAndPath } from "../src/policy/parameter-words.js";
import type { ParameterModel } from "./model.js";

/** What policies know of a parameter; the manifest's own words win. */
export function withPolicy(request: MethodAndPath, parameter: ParameterModel): ParameterModel {
  const lints = isLint(request.path) && parameter.name === "content" ? "configuration" : undefined;
  const reach = parameter.reach ?? lints ?? (leadsElsewhere(parameter) ? "out" : undefined);
  const text = parameter.text ?? textOf(request, parameter);
  return { ...parameter, ...(reach && { reach }), ...(text && { text }) };
}

/** GitLab's linter shows what a configuration includes: https://docs.gitlab.com/api/lint/ */
const isLint = (path: string): boolean => path.endsWith("/ci/lint");

/** What an allow-list has to know of an operation as a whole: the linter reads the project's own configuration. */
export function reachOf({ method, path }: Readonly<{ method: string; path: string }>): "includes" | undefined {
  return method === "get" && isLint(path) ? "includes" : undefined;
}
