import MiniSearch from "minisearch";
import type { ToolDefinition } from "../definition/definition.js";
import { asking, changing, changingFirst, kinds, plainVerbs, synonyms } from "./discovery-words.js";

interface Indexed {
  readonly id: string;
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly keywords: string;
  readonly area: string;
  readonly parameters: string;
}

/** What the search reads of a tool. */
export interface Searchable extends Pick<
  ToolDefinition,
  "name" | "title" | "description" | "keywords" | "area" | "curated" | "access" | "level" | "list" | "path"
> {
  /** Their names alone matter. */
  readonly parameters: Readonly<Record<string, unknown>>;
}

/** Finds tools by what they are for. */
export type ToolSearch<Tool extends Searchable = ToolDefinition> = (request: string, limit?: number) => readonly Tool[];

const stopWords = new Set(
  "a an and any are at be been by can did do does for from had has have here how i if in into is it its me my of off on or our so some that the their them then there this to up us was we were what when where with you your".split(
    " ",
  ),
);

/** The word without its ending: `merged`, `merges` and `merging` are all `merg`. */
function stem(word: string): string {
  if (word.length <= 3) return word;
  const stemmed = word
    .replace(/ies$/, "y")
    .replace(/(?:sses|shes|ches|xes)$/, (ending) => ending.slice(0, -2))
    .replace(/([^s])s$/, "$1")
    .replace(/(?<=\w{3})(?:ing|ed)$/, "");
  return stemmed.replace(/([b-df-hj-np-tv-z])\1$/, "$1").replace(/(?<=\w{3})e$/, "");
}

/** What is read of a request: nobody says what they want at greater length, and a search costs by the word. */
export const longestRequest = 500;
const mostWords = 40;

/** Looking for words that are spelt alike takes memory by the square of the word's length. */
const isFuzzy = ({ length }: string): boolean => length >= 6 && length <= 24;

const words = (text: string): string[] =>
  text
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word !== "");

/** A word as it is indexed: its stem, and the plural too, which tells lists from single things. */
const forms = (word: string): string[] => [...new Set([stem(word), word])];

/** A request as the search takes it. */
interface SearchRequest {
  /** By their weight. */
  readonly words: ReadonlyMap<string, number>;
  /** Whether something is to be shown or to be changed, where that can be told. */
  readonly wants?: "read" | "change";
  /** The kind of change, where its verb says so. */
  readonly change?: Change;
  /** Parameters whose values are in the request: `#42`, `pipeline 9001`. */
  readonly named: ReadonlySet<string>;
}

const numbered: readonly (readonly [pattern: RegExp, parameter: string])[] = [
  [/!\d|\bmr \d/, "merge_request_iid"],
  [/#\d|\b(?:issue|ticket|bug) \d/, "issue_iid"],
  [/\bpipeline #?\d/, "pipeline_id"],
  [/\bjob #?\d/, "job_id"],
  [/\brunner #?\d/, "runner_id"],
  [/\bsnippet #?\d/, "snippet_id"],
  [/\bmilestone #?\d/, "milestone_id"],
  [/\bdeployment #?\d/, "deployment_id"],
];

const fileName = /(?:^|\s)(?:[\w./-]*\.[a-z]{1,6}\b|(?:docker|make|gem|code)file\b|readme\b|license\b)/i;

type Change = "create" | "update" | "delete";

/** What a tool does to its thing, where its name says so. */
function changeOf({ name, access }: Searchable): Change | undefined {
  if (access === "read") return undefined;
  const verb = name.slice(name.lastIndexOf("_") + 1);
  return kinds[verb];
}

/** @param verbs what the tools that change something are called by, such as `protect` and `archive` */
function understand(request: string, verbs: ReadonlySet<string>): SearchRequest {
  const plain = request
    .slice(0, longestRequest)
    .toLowerCase()
    .replace(/\b(?:merge|pull) request(s?)\b/g, "mr$1")
    // `re-run`, `to-do`, `un-star`
    .replace(/\b(re|to|un)-(?=\p{L})/gu, "$1");
  const named = new Set(numbered.filter(([pattern]) => pattern.test(plain)).map(([, parameter]) => parameter));
  const isFile = fileName.test(plain);
  const said = words(plain.replace(/!(?=\d)/g, " mr ").replace(/#(?=\d)/g, " issue ")).slice(0, mostWords);
  const wants = wish(said, isFile, verbs);
  const change = wants === "change" ? said.map((word) => kinds[word]).find((kind) => kind !== undefined) : undefined;
  const weights = new Map<string, number>();
  const add = (word: string, weight: number): void => {
    for (const form of forms(word)) {
      const own = form === stem(word) ? weight : weight / 2;
      weights.set(form, Math.max(own, weights.get(form) ?? 0));
    }
  };
  for (const word of said) {
    if (stopWords.has(word) || /^\d+$/.test(word)) continue;
    add(word, 1);
    for (const other of synonyms[word] ?? synonyms[stem(word)] ?? [])
      // Who asks for what was assigned does not want to assign it.
      if (wants !== "read" || kinds[other] === undefined) add(other, 0.7);
  }
  if (isFile) add("file", 0.7);
  if (wants === "change" && /^(?:open|file|log|report|cut|release)$/.test(said[0] ?? "")) add("create", 0.7);
  return { words: weights, named, ...(wants && { wants }), ...(change && { change }) };
}

/** The first word that tells decides: "which … were merged", "merge … once … is green". */
function wish(said: readonly string[], isFile: boolean, verbs: ReadonlySet<string>): SearchRequest["wants"] {
  for (const [index, word] of said.entries()) {
    if (word === "get" && said[index + 1] === "rid") return "change";
    if (asking.has(word)) return "read";
    if (changing.has(word)) return "change";
    if (index > 0) continue;
    if (changingFirst.has(word)) return word === "open" && isFile ? "read" : "change";
    if (verbs.has(word) && said.length > 1) return "change";
  }
  return undefined;
}

/** What a tool is known by, beside its words. */
interface Known<Tool extends Searchable = Searchable> {
  readonly definition: Tool;
  readonly change: Change | undefined;
  /** What it is about: the words of its name without the verb, as stems. */
  readonly about: readonly string[];
}

/** Of several that would do, the one for every day. */
const byLevel = { core: 1.15, extended: 1.08, derived: 1 } as const;

/** How well a tool's kind goes with a request, beside its words. */
function fitness({ definition, change, about }: Known, request: SearchRequest): number {
  const { wants, named, words } = request;
  const reads = definition.access === "read";
  const kind = wants === undefined ? (reads ? 1.2 : 1) : (wants === "read") === reads ? 1.3 : 0.7;
  const takes = [...named].every((parameter) => parameter in definition.parameters);
  const place = named.size > 0 ? (takes ? 1.3 : 0.8) : 1;
  const changes = request.change === undefined || change === undefined ? 1 : request.change === change ? 1.25 : 0.75;
  const list = wants !== "change" && named.size === 0 && definition.list ? 1.12 : 1;
  const inGroup = definition.path.startsWith("/api/v4/groups/");
  const owner = words.has("group") && !words.has("project") ? (inGroup ? 1.3 : 0.9) : inGroup ? 0.9 : 1;
  // A tool of a narrower thing is not what was asked for: `group wiki` where nobody spoke of a group.
  const unsaid = about.filter((word) => !words.has(word)).length;
  return kind * place * changes * list * owner * 0.8 ** unsaid * byLevel[definition.level ?? "core"];
}

const known = <Tool extends Searchable>(definition: Tool): Known<Tool> => {
  const named = words(definition.name).slice(1);
  const said = words(definition.title);
  const about = named.filter((word) => !(word in kinds) && word !== said[0] && !plainVerbs.has(word));
  return { definition, change: changeOf(definition), about: [...new Set(about.map(stem))] };
};

/**
 * A text search (BM25+) over what tools are called and what is said of them.
 *
 * @param definitions what may be found; indexed once, here
 */
export function toolSearch<Tool extends Searchable>(definitions: readonly Tool[]): ToolSearch<Tool> {
  const byName = new Map(definitions.map((definition) => [definition.name, known(definition)]));
  const verbs = new Set(
    definitions.filter(({ access }) => access !== "read").map(({ title }) => title.split(" ")[0]?.toLowerCase() ?? ""),
  );
  const index = new MiniSearch<Indexed>({
    fields: ["name", "title", "description", "keywords", "area", "parameters"],
    tokenize: words,
    processTerm: (term) => (stopWords.has(term) ? null : forms(term)),
    searchOptions: {
      boost: { name: 2, title: 2, keywords: 2, description: 1.5, area: 0.5, parameters: 0.4 },
      prefix: (term) => term.length > 3,
      fuzzy: (term) => (isFuzzy(term) ? 0.15 : false),
      weights: { fuzzy: 0.3, prefix: 0.4 },
    },
  });
  index.addAll(
    definitions.map((definition) => ({
      id: definition.name,
      name: definition.name.replace(/^gitlab_/, ""),
      title: definition.title,
      description: definition.description,
      keywords: (definition.keywords ?? []).join(" "),
      area: definition.area,
      parameters: definition.curated.join(" "),
    })),
  );
  return (request, limit = 5) => {
    const understood = understand(request, verbs);
    const found = index.search([...understood.words.keys()].join(" "), {
      processTerm: (term) => term,
      boostTerm: (term) => understood.words.get(term) ?? 1,
      boostDocument: (id) => {
        const tool = byName.get(String(id));
        return tool ? fitness(tool, understood) : 1;
      },
    });
    return found.slice(0, limit).flatMap(({ id }) => byName.get(String(id))?.definition ?? []);
  };
}
