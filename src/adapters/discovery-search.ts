import MiniSearch from "minisearch";
import type { ToolDefinition } from "../tools/definition.js";
import { asking, changing, changingFirst, synonyms } from "./discovery-words.js";

interface Indexed {
  readonly id: string;
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly keywords: string;
  readonly area: string;
  readonly parameters: string;
}

/** Finds tools by what they are for. */
export type ToolSearch = (request: string, limit?: number) => readonly ToolDefinition[];

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
interface Request {
  /** By their weight. */
  readonly words: ReadonlyMap<string, number>;
  /** Whether something is to be shown or to be changed, where that can be told. */
  readonly wants?: "read" | "change";
  /** Parameters whose values are in the request: `#42`, `pipeline 9001`. */
  readonly given: ReadonlySet<string>;
}

const numbered: readonly (readonly [pattern: RegExp, parameter: string])[] = [
  [/!\d|\bmr \d/, "merge_request_iid"],
  [/#\d|\b(?:issue|ticket|bug) \d/, "issue_iid"],
  [/\bpipeline #?\d/, "pipeline_id"],
  [/\bjob #?\d/, "job_id"],
];

const fileName = /(?:^|\s)(?:[\w./-]*\.[a-z]{1,6}\b|(?:docker|make|gem|code)file\b|readme\b|license\b)/i;

function understand(request: string): Request {
  const plain = request
    .slice(0, longestRequest)
    .toLowerCase()
    .replace(/\b(?:merge|pull) request(s?)\b/g, "mr$1");
  const given = new Set(numbered.filter(([pattern]) => pattern.test(plain)).map(([, parameter]) => parameter));
  const isFile = fileName.test(plain);
  const said = words(plain.replace(/!(?=\d)/g, " mr ").replace(/#(?=\d)/g, " issue ")).slice(0, mostWords);
  const wants = wish(said, isFile);
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
    for (const other of synonyms[word] ?? synonyms[stem(word)] ?? []) add(other, 0.7);
  }
  if (isFile) add("file", 0.7);
  if (wants === "change" && /^(?:open|file|log|report|cut|release)$/.test(said[0] ?? "")) add("create", 0.7);
  return { words: weights, given, ...(wants && { wants }) };
}

/** The first word that tells decides: "which … were merged", "merge … once … is green". */
function wish(said: readonly string[], isFile: boolean): Request["wants"] {
  for (const [index, word] of said.entries()) {
    if (word === "get" && said[index + 1] === "rid") return "change";
    if (asking.has(word)) return "read";
    if (changing.has(word)) return "change";
    if (index === 0 && changingFirst.has(word)) return word === "open" && isFile ? "read" : "change";
  }
  return undefined;
}

/** How well a tool's kind goes with a request, beside its words. */
function fitness(definition: ToolDefinition, { wants, given }: Request): number {
  const reads = definition.access === "read";
  const kind = wants === undefined ? (reads ? 1.2 : 1) : (wants === "read") === reads ? 1.3 : 0.7;
  const takes = [...given].every((parameter) => parameter in definition.parameters);
  return kind * (given.size > 0 ? (takes ? 1.3 : 0.8) : 1);
}

/**
 * A text search (BM25+) over what tools are called and what is said of them.
 *
 * @param definitions what may be found; indexed once, here
 */
export function toolSearch(definitions: readonly ToolDefinition[]): ToolSearch {
  const byName = new Map(definitions.map((definition) => [definition.name, definition]));
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
    const understood = understand(request);
    const found = index.search([...understood.words.keys()].join(" "), {
      processTerm: (term) => term,
      boostTerm: (term) => understood.words.get(term) ?? 1,
      boostDocument: (id) => {
        const definition = byName.get(String(id));
        return definition ? fitness(definition, understood) : 1;
      },
    });
    return found.slice(0, limit).flatMap(({ id }) => byName.get(String(id)) ?? []);
  };
}
