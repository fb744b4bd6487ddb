import type * as Yaml from "yaml";
import { lazily } from "../lazily.js";

const yaml = lazily<typeof Yaml>("yaml");

/** A job as `.gitlab-ci.yml` describes it. */
export interface CiJobConfig {
  readonly name: string;
  readonly stage: string;
  readonly when: "on_success" | "on_failure" | "always" | "manual" | "delayed";
  readonly allowFailure: boolean;
  readonly script: readonly string[];
  readonly tags: readonly string[];
  readonly image: string | null;
  readonly coverage: string | null;
  readonly artifactPaths: readonly string[];
  readonly junit: string | null;
}

/** The jobs of one pipeline in the order of their stages, or what GitLab says about the file. */
export type CiConfig =
  | { readonly jobs: readonly CiJobConfig[]; readonly name: string | null; readonly error?: undefined }
  | { readonly error: string };

type YamlMap = Readonly<Record<string, unknown>>;

const notJobs = new Set([
  "after_script",
  "before_script",
  "cache",
  "default",
  "image",
  "include",
  "services",
  "spec",
  "stages",
  "types",
  "variables",
  "workflow",
]);

type Parsed = { readonly document: unknown } | { readonly error: string };

const parsed = new Map<string, Parsed>();

/** Spares the parser a configuration that is known. */
export function rememberConfig(source: string, document: unknown): void {
  parsed.set(source, { document });
}

/** Parses a configuration once: pipelines of one project mostly have the same. */
function parseConfig(source: string): Parsed {
  const known = parsed.get(source);
  if (known !== undefined) return known;
  if (parsed.size >= 50) parsed.clear();
  let result: Parsed;
  try {
    result = { document: yaml().parse(source, { merge: true }) };
  } catch (error) {
    result = { error: error instanceof Error ? (error.message.split("\n")[0] ?? "") : "" };
  }
  parsed.set(source, result);
  return result;
}

/** Keywords of jobs. What the emulator does not act upon is named by {@link lintCiConfig}. */
const jobKeywords = new Set(
  (
    "after_script allow_failure artifacts before_script cache coverage dast_configuration dependencies environment except " +
    "extends hooks id_tokens identity image inherit interruptible manual_confirmation needs only pages parallel publish " +
    "release resource_group retry rules run script secrets services stage start_in tags timeout trigger variables when"
  ).split(" "),
);

/** What GitLab refuses in a configuration, and what of it the emulator does not act upon. */
export function lintCiConfig(source: string): {
  readonly errors: readonly string[];
  readonly warnings: readonly string[];
} {
  const read = parseConfig(source);
  const document = "error" in read ? undefined : read.document;
  if (!isMap(document)) return { errors: [], warnings: [] };
  const errors: string[] = [];
  const warnings: string[] = [];
  const ignored = (what: string): void => {
    warnings.push(`The GitLab emulator does not act upon ${what}`);
  };
  if (document["include"] !== undefined) ignored("include");
  if (isMap(document["workflow"])) warnOfRules("workflow", document["workflow"]["rules"], ignored);
  const names = Object.keys(document).filter((name) => !notJobs.has(name));
  for (const name of names) {
    const job = document[name];
    if (!isMap(job)) continue;
    const unknown = Object.keys(job).filter((keyword) => !jobKeywords.has(keyword));
    if (unknown.length > 0) errors.push(`jobs:${name} config contains unknown keys: ${unknown.join(", ")}`);
    if (name.startsWith(".")) continue;
    const needs = Array.isArray(job["needs"]) ? job["needs"] : [];
    for (const need of needs) {
      const needed: unknown = isMap(need) ? need["job"] : need;
      if (typeof needed === "string" && !names.includes(needed) && !(isMap(need) && need["optional"] === true)) {
        errors.push(`${name} job: undefined need: ${needed}`);
      }
    }
    for (const keyword of notActedUpon) if (job[keyword] !== undefined) ignored(`jobs:${name}:${keyword}`);
    for (const filter of ["only", "except"]) {
      const refs = job[filter];
      for (const keyword of ["changes", "variables", "kubernetes"])
        if (isMap(refs) && refs[keyword] !== undefined) ignored(`jobs:${name}:${filter}:${keyword}`);
    }
    warnOfRules(`jobs:${name}`, job["rules"], ignored);
  }
  return { errors, warnings };
}

/** Keywords that change what a pipeline does, and not what it does here. */
const notActedUpon = ["parallel", "trigger", "retry", "resource_group"];

function warnOfRules(place: string, rules: unknown, ignored: (what: string) => void): void {
  for (const rule of Array.isArray(rules) ? rules.filter(isMap) : []) {
    for (const keyword of ["exists", "changes"]) if (rule[keyword] !== undefined) ignored(`${place}:rules:${keyword}`);
    if (typeof rule["if"] === "string" && /[()]/.test(rule["if"].replace(/\/.*\/|"[^"]*"|'[^']*'/g, ""))) {
      ignored(`parentheses in ${place}:rules:if`);
    }
  }
}

const isMap = (value: unknown): value is YamlMap =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const strings = (value: unknown): string[] =>
  (Array.isArray(value) ? value.flat(3) : value === undefined || value === null ? [] : [value]).map(String);

/**
 * Reads the subset of GitLab's CI language that decides which jobs exist: stages, hidden jobs with `extends`, `when`,
 * `allow_failure`, `rules` and `only`/`except` on simple conditions, artifacts.
 *
 * @param variables what rules can ask for, such as `CI_COMMIT_BRANCH` and `CI_PIPELINE_SOURCE`
 */
export function readCiConfig(source: string, variables: Readonly<Record<string, string | undefined>>): CiConfig {
  const read = parseConfig(source);
  if ("error" in read) return { error: `Invalid configuration format: ${read.error}` };
  const { document } = read;
  if (!isMap(document)) return { error: "Invalid configuration format" };
  const workflow = isMap(document["workflow"]) ? document["workflow"] : {};
  const all = { ...stringValues(document["variables"]), ...variables };
  const stages = [".pre", ...(document["stages"] ? strings(document["stages"]) : ["build", "test", "deploy"]), ".post"];
  const none = {
    error:
      "Pipeline will not run for the selected trigger. The rules configuration prevented any jobs from being added to the pipeline.",
  };
  if (Array.isArray(workflow["rules"]) && firstRule(workflow["rules"], all)?.["when"] === "never") return none;

  const jobs: CiJobConfig[] = [];
  for (const [name, value] of Object.entries(document)) {
    if (notJobs.has(name) || name.startsWith(".")) continue;
    if (!isMap(value)) return { error: `jobs:${name} config should be a hash` };
    const job = inherit(document, value, 0);
    if (job["script"] === undefined && job["trigger"] === undefined && job["run"] === undefined) {
      return { error: `jobs ${name} config should implement the script:, run:, or trigger: keyword` };
    }
    const stage = typeof job["stage"] === "string" ? job["stage"] : "test";
    if (!stages.includes(stage)) {
      return { error: `${name} job: chosen stage ${stage} does not exist; available stages are ${stages.join(", ")}` };
    }
    const read = readJob(name, stage, job, all);
    if (read !== undefined) jobs.push(read);
  }
  const [refusal] = lintCiConfig(source).errors;
  if (refusal !== undefined) return { error: refusal };
  if (jobs.length === 0) return none;
  jobs.sort((a, b) => stages.indexOf(a.stage) - stages.indexOf(b.stage));
  return { jobs, name: typeof workflow["name"] === "string" ? workflow["name"] : null };
}

function readJob(
  name: string,
  stage: string,
  job: YamlMap,
  variables: Readonly<Record<string, string | undefined>>,
): CiJobConfig | undefined {
  let when = typeof job["when"] === "string" ? job["when"] : "on_success";
  let allowFailure = job["allow_failure"];
  if (Array.isArray(job["rules"])) {
    const rule = firstRule(job["rules"], variables);
    if (rule === undefined) return undefined;
    when = typeof rule["when"] === "string" ? rule["when"] : when;
    allowFailure = rule["allow_failure"] ?? allowFailure ?? false;
  } else if (job["only"] === undefined && variables["CI_PIPELINE_SOURCE"] === "merge_request_event") {
    // Without rules a job is for branches and tags.
    return undefined;
  } else if (!refAllows(job, variables)) {
    return undefined;
  }
  if (!isWhen(when)) return undefined;
  const artifacts = isMap(job["artifacts"]) ? job["artifacts"] : {};
  const reports = isMap(artifacts["reports"]) ? artifacts["reports"] : {};
  const image = isMap(job["image"]) ? job["image"]["name"] : job["image"];
  return {
    name,
    stage,
    when,
    // A manual job without rules may fail by default: it does not hold up the pipeline.
    allowFailure: allowFailure === undefined ? when === "manual" : allowFailure !== false,
    script: strings(job["script"]),
    tags: strings(job["tags"]),
    image: typeof image === "string" ? image : null,
    coverage: typeof job["coverage"] === "string" ? job["coverage"] : null,
    artifactPaths: strings(artifacts["paths"]),
    junit: strings(reports["junit"])[0] ?? null,
  };
}

function inherit(document: YamlMap, job: YamlMap, depth: number): YamlMap {
  const defaults = isMap(document["default"]) ? document["default"] : {};
  const image = defaults["image"] ?? document["image"];
  const base: YamlMap = depth === 0 && image !== undefined ? { image } : {};
  // GitLab allows eleven levels of `extends`; a cycle ends here as well.
  if (job["extends"] === undefined || depth > 11) return { ...base, ...job };
  return strings(job["extends"]).reduce<YamlMap>(
    (merged, parent) => {
      const found = document[parent];
      return isMap(found) ? { ...merged, ...inherit(document, found, depth + 1), ...job } : merged;
    },
    { ...base, ...job },
  );
}

const stringValues = (value: unknown): Record<string, string> =>
  isMap(value)
    ? Object.fromEntries(
        Object.entries(value).map(([key, entry]) => [key, String(isMap(entry) ? (entry["value"] ?? "") : entry)]),
      )
    : {};

const isWhen = (value: string): value is CiJobConfig["when"] =>
  ["on_success", "on_failure", "always", "manual", "delayed"].includes(value);

function firstRule(
  rules: readonly unknown[],
  variables: Readonly<Record<string, string | undefined>>,
): YamlMap | undefined {
  const rule = rules
    .filter(isMap)
    .find((candidate) => typeof candidate["if"] !== "string" || holds(candidate["if"], variables));
  return rule;
}

/** Evaluates the conditions that pipelines commonly use: `$A == "b"`, `$A != "b"`, `$A =~ /re/`, `$A`, `&&`, `||`. */
function holds(condition: string, variables: Readonly<Record<string, string | undefined>>): boolean {
  const value = (term: string): string | null => {
    const text = term.trim();
    if (text === "null") return null;
    const name = /^\$\{?(\w+)\}?$/.exec(text)?.[1];
    return name === undefined ? text.replace(/^(["'])(.*)\1$/, "$2") : (variables[name] ?? null);
  };
  return condition.split("||").some((alternative) =>
    alternative.split("&&").every((term) => {
      const [, left = "", operator = "", right = ""] = /^\s*(.+?)\s*(==|!=|=~|!~)\s*(.+?)\s*$/.exec(term) ?? [];
      if (operator === "") return (value(term) ?? "") !== "";
      if (operator === "==") return value(left) === value(right);
      if (operator === "!=") return value(left) !== value(right);
      const pattern = /^\/(.*)\/(i?)$/.exec(right);
      const matches = pattern !== null && new RegExp(pattern[1] ?? "", pattern[2]).test(value(left) ?? "");
      return operator === "=~" ? matches : !matches;
    }),
  );
}

function refAllows(job: YamlMap, variables: Readonly<Record<string, string | undefined>>): boolean {
  const named = (value: unknown): string[] => (isMap(value) ? strings(value["refs"]) : strings(value));
  const matches = (pattern: string): boolean => {
    if (pattern === "branches") return variables["CI_COMMIT_BRANCH"] !== undefined;
    if (pattern === "tags") return variables["CI_COMMIT_TAG"] !== undefined;
    if (pattern === "merge_requests") return variables["CI_PIPELINE_SOURCE"] === "merge_request_event";
    const expression = /^\/(.*)\/$/.exec(pattern)?.[1];
    const ref = variables["CI_COMMIT_REF_NAME"] ?? "";
    return expression === undefined ? pattern === ref : new RegExp(expression).test(ref);
  };
  const only = named(job["only"]);
  return (only.length === 0 || only.some(matches)) && !named(job["except"]).some(matches);
}
