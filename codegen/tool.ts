import { functionName } from "../src/tools/function-name.js";
import { witnessName } from "../src/tools/witness-name.js";
import { withClear } from "./clear.js";
import { answerOf, viewProblem } from "./answer.js";
import { accessOf } from "./derive/access.js";
import { curatedOf } from "./derive/curation.js";
import { keywordsOf } from "./derive/keywords.js";
import { callersCredentials, omissionsOf, renamesOf } from "./derive/parameters.js";
import { idempotentOf, scopesOf, tierOf } from "./derive/plan.js";
import { credentialsOf, secretsOf } from "./derive/secrets.js";
import { shipsOf } from "./derive/ships.js";
import { textOf } from "./derive/text.js";
import { viewOf } from "./derive/view.js";
import type { Inherited, ManifestTool } from "./manifest.js";
import type { ParameterModel, ToolModel } from "./model.js";
import { namingOf, type Naming } from "./naming.js";
import { Override, type Entry } from "./override.js";
import { wireParameters, type OperationPlace, type WireParameter } from "./parameter.js";
import { reachOf, withPolicy } from "./policy.js";
import type { Problem } from "./problem.js";
import { added, refine } from "./refine.js";
import { checkNames, type ReportProblem } from "./tool-names.js";
import { saidOf, type Vocabulary } from "./vocabulary.js";

/** Where problems and notes of a join go. */
export interface Report {
  readonly problem: (problem: Problem) => void;
  readonly note: (message: string) => void;
  /** A line of the manifest that says what is derived. */
  readonly redundant: (message: string) => void;
}

/** What all tools have in common. */
export interface Common {
  readonly inherited: Inherited;
  readonly vocabulary: Vocabulary;
}

/**
 * A tool of an operation: every value is derived, and what the manifest says wins. Reports all that does not fit, with
 * its place.
 */
export function joinTool(
  entry: Entry,
  place: OperationPlace,
  { inherited, vocabulary }: Common,
  report: Report,
): ToolModel {
  const { name, tool } = entry;
  const note = (message: string): void => report.note(`${name}: ${message}`);
  const problem: ReportProblem = (path, message, part) => report.problem(entry.problem(path, message, part));
  const said = new Override(entry, report.redundant);

  const { answer, schemas } = answerOf(place, tool.answer);
  const rules = inherited.rename ?? [];
  const names = namingOf(tool, place, rules);
  const plain = wireParameters(place, names.separate, () => {});
  const named: ManifestTool = {
    ...tool,
    rename: { ...renamesOf(place, plain, names, vocabulary).value, ...tool.rename },
    omit: [...(tool.omit ?? omissionsOf(plain).value), ...callersCredentials(plain).value],
    add: { ...(answer.kind === "binary" && downloads), ...tool.add, ...expected(tool) },
  };
  const naming = namingOf(named, place, rules);
  const wire = wireParameters(place, naming.separate, note);
  const parameters = publicParameters(named, place, wire, naming, inherited, problem);
  const curated = said.value("curated", tool.curated, curatedOf([...parameters.values()]));
  checkNames({ ...tool, curated }, place, wire, parameters, naming, problem);

  if (answer.kind === "json" && schemas.length > 0 && !answer.list && looksPaged(place, wire))
    note("takes page and per_page, and its declared answer is one object: correct it in spec/overlay.yaml");
  const view = said.value("view", tool.view, viewOf(place.document, schemas, answer.list));
  for (const [index, path] of (tool.view ?? []).entries()) {
    const reason = viewProblem(place.document, schemas, path);
    if (reason !== undefined) problem(["view", index], `view ${reason}`);
  }

  const unseen = tool.witness && viewProblem(place.document, schemas, tool.witness.field);
  if (unseen !== undefined) problem(["witness", "field"], `witness ${unseen}`);

  const unshown = tool.shows === undefined ? undefined : viewProblem(place.document, schemas, tool.shows);
  if (unshown !== undefined) problem(["shows"], `shows ${unshown}`);
  if (tool.seen !== undefined && !parameters.has(tool.seen)) problem(["seen"], `it has no parameter "${tool.seen}"`);

  const text = textOf(place, answer.list, vocabulary);
  const access = said.value("access", tool.access, accessOf(place, vocabulary));
  const keywords = [...new Set([...(tool.keywords ?? []), ...keywordsOf(place, vocabulary).value])];
  const secrets = secretsOf(place.document, schemas);
  const credentials = credentialsOf(place, wire, secrets.value, vocabulary);
  const sameAs = saidOf(vocabulary, place).same_as;
  const confirm = said.value("confirm", tool.confirm, shipsOf(place, vocabulary));
  const reach = tool.reach ?? reachOf(place);
  const tier = said.value("tier", tool.tier, tierOf(place));
  const ordered = new Set([...curated, ...parameters.keys()]);
  return {
    name,
    functionName: functionName(name),
    operationId: tool.operation,
    method: methodOf(place.method),
    path: place.path,
    title: said.value("title", tool.title, { ...text, value: text.value.title }),
    description: said.value("description", tool.description, { ...text, value: text.value.description }),
    area: entry.area,
    level: entry.level,
    access,
    idempotent: said.value("idempotent", tool.idempotent, idempotentOf(place)),
    ...(tier && { tier }),
    ...(tool.verification && { verification: tool.verification }),
    ...(tool.role !== undefined && { role: tool.role }),
    scopes: said.value("scopes", tool.scopes, scopesOf(access)),
    deprecated: place.operation.deprecated === true,
    parameters: [...ordered].flatMap((shown) => parameters.get(shown) ?? []),
    curated,
    exclusive: tool.exclusive ?? [],
    required_one: tool.required_one ?? [],
    answer,
    view,
    ...(secrets.value.length > 0 && { secrets: secrets.value }),
    ...(credentials.value && entry.level !== "core" && { credentials: true as const }),
    ...(sameAs !== undefined && { same_as: sameAs }),
    ...(keywords.length > 0 && { keywords }),
    ...(tool.aliases && { aliases: tool.aliases }),
    ...(reach && { reach }),
    ...(tool.content !== undefined && { content: tool.content }),
    ...(confirm && { confirm }),
    ...(tool.destructive_when && { destructive_when: tool.destructive_when }),
    ...(tool.see && { see: tool.see }),
    ...(tool.lost && { lost: tool.lost }),
    ...(tool.witness && { witness: tool.witness }),
    ...(tool.shows !== undefined && { shows: tool.shows }),
    ...(tool.seen !== undefined && { seen: tool.seen }),
    ...(tool.since !== undefined && { since: tool.since }),
    origins: said.origins,
  };
}

/** Where a download goes, or how much of it is taken. */
const downloads: ManifestTool["add"] = {
  save_to: { type: "string", minLength: 1, description: "New file to write" },
  max_bytes: { type: "integer", minimum: 1 },
};

/** What a caller last saw. Sent again after a lost answer, it could overwrite what came in between. */
const expected = ({ witness }: ManifestTool): ManifestTool["add"] =>
  witness && {
    [witnessName(witness)]: {
      type: "string",
      format: "date-time",
      once: true,
      description: `Its ${witness.field} as last read; refused where it has changed since, up to a moment before writing`,
    },
  };

const looksPaged = ({ method }: OperationPlace, wire: readonly WireParameter[]): boolean =>
  method === "get" && ["page", "per_page"].every((name) => wire.some((one) => one.in === "query" && one.wire === name));
/** The parameters under their public names, as the manifest describes them. */
function publicParameters(
  tool: ManifestTool,
  place: OperationPlace,
  wire: readonly WireParameter[],
  naming: Naming,
  inherited: Inherited,
  problem: ReportProblem,
): Map<string, ParameterModel> {
  const parameters = new Map<string, ParameterModel>();
  const request = { method: methodOf(place.method), path: place.path };
  for (const parameter of wire) {
    if (tool.omit?.some((omitted) => naming.means(omitted, parameter))) {
      if (parameter.required) problem(["omit"], `"${parameter.wire}" is required and cannot be omitted`);
      continue;
    }
    const name = naming.nameOf(parameter);
    const other = parameters.get(name);
    if (other) {
      const both = `"${other.wire}" (${other.in}) and "${parameter.wire}" (${parameter.in}) are both called "${name}"`;
      problem(tool.rename ? ["rename"] : ["operation"], `${both}; rename or omit one`);
      continue;
    }
    const { ref, iid } = naming.ruleOf(parameter) ?? {};
    const common = { ...(ref && { ref }), ...(iid && { iid }), ...inherited.parameters?.[name] };
    const required = parameter.required || (tool.require?.includes(name) ?? false);
    const refined = refine({ ...parameter, name, required }, common, tool.parameters?.[name] ?? {});
    parameters.set(name, withClear(place, withPolicy(request, refined)));
  }
  for (const [name, addition] of Object.entries(tool.add ?? {})) {
    if (parameters.has(name)) problem(["add", name], `the operation has a parameter "${name}" already`, "key");
    else parameters.set(name, added(name, addition, inherited.parameters?.[name]));
  }
  return parameters;
}

function methodOf(method: OperationPlace["method"]): ToolModel["method"] {
  switch (method) {
    case "post":
      return "POST";
    case "put":
      return "PUT";
    case "patch":
      return "PATCH";
    case "delete":
      return "DELETE";
    case "head":
      return "HEAD";
    default:
      return "GET";
  }
}
