import * as z from "zod";
import { editorSchema, readSpecFile } from "./spec-file.js";

const vocabularyFile = "spec/vocabulary.yaml";

const words = z.array(z.string().min(1));
const dictionary = z.record(z.string(), z.string());

const vocabularySchema = z.strictObject({
  verbs: z
    .strictObject({ write: words, destructive: words })
    .describe("Verbs at the end of a path; one that is not here counts as destructive."),
  reads: words.describe("Verbs that change nothing, although they are sent as POST."),
  losing: words.describe("Words that make whatever is below them destructive."),
  ships: words.describe("Words that make a POST of theirs, or of what is below them, ship something."),
  methods: z
    .record(z.string(), z.partialRecord(z.enum(["create", "delete", "update"]), z.string()))
    .describe("By collection: what the verbs of its methods are called."),
  words: dictionary.describe("What a word of a path is called in a name."),
  says: dictionary.describe("Verbs of several words as a sentence says them, up to what they are done to."),
  several: words.describe("Verbs that are done to several, where the path names no one of them."),
  operations: z
    .record(
      z.string().regex(/^(?:GET|HEAD|POST|PUT|PATCH|DELETE) \//, "has to be a method and a path, without /api/v4"),
      z.strictObject({
        name: z
          .string()
          .regex(/^gitlab_[a-z0-9_]+$/, "has to be a tool's name")
          .optional(),
        title: z.string().min(1).optional(),
        description: z.string().min(1).optional(),
        same_as: z
          .string()
          .optional()
          .describe("The tool that does the same at GitLab's other path: agents are offered that one."),
      }),
    )
    .describe("Operations whose paths say too little, or something else: what is said of their tools."),
  singulars: dictionary.describe("Singulars that are not made by leaving out an s."),
  lists: words.describe("Lists that do not end in s."),
  transparent: z.record(z.string(), words).describe("Words that say nothing before one of these."),
  home: words.describe("Things of a project that are named without it."),
  owners: dictionary.describe("What stands for the first word of a path."),
  areas: dictionary.describe("The area of a thing, where it is not the thing's own name."),
  keys: dictionary.describe("What names one of a collection, where it is not its id."),
  synonyms: z.record(z.string(), words).describe("Words of a path in the words of people who ask for it, for search."),
  credentials: words.describe("Things whose tools agents are offered only by name."),
  reserved: words.describe("Names of tools that are not made of one operation; none is derived."),
});

/** The words of GitLab's paths, and what they mean. */
export type Vocabulary = z.infer<typeof vocabularySchema>;

const none: Vocabulary = {
  verbs: { write: [], destructive: [] },
  reads: [],
  losing: [],
  ships: [],
  methods: {},
  words: {},
  says: {},
  several: [],
  operations: {},
  singulars: {},
  lists: [],
  transparent: {},
  home: [],
  owners: {},
  areas: {},
  keys: {},
  synonyms: {},
  credentials: [],
  reserved: [],
};

/**
 * Reads `spec/vocabulary.yaml`; a project without one has no words of its own.
 *
 * @throws {ProblemsError} with all that is wrong with its form
 */
export async function readVocabulary(root: string): Promise<Vocabulary> {
  return (await readSpecFile(root, vocabularyFile, vocabularySchema))?.data ?? none;
}

/** The JSON Schema that editors check `spec/vocabulary.yaml` with. */
export function vocabularyJsonSchema(): object {
  return editorSchema("Vocabulary", vocabularySchema);
}

/** What is said of an operation whose path says too little. */
export const saidOf = (
  { operations }: Pick<Vocabulary, "operations">,
  { method, path }: { readonly method: string; readonly path: string },
): Vocabulary["operations"][string] => operations[`${method.toUpperCase()} ${path.replace(/^\/api\/v\d+/, "")}`] ?? {};

/** One of what a word names several of; the word itself where it names one. */
export function singular({ singulars }: Pick<Vocabulary, "singulars">, word: string): string {
  const known = singulars[word];
  if (known !== undefined) return known;
  if (/[^aeiou]ies$/.test(word)) return word.replace(/ies$/, "y");
  if (/(?:ch|sh|x|ss|us)es$/.test(word)) return word.replace(/es$/, "");
  if (/(?:ss|us|is)$/.test(word) || !word.endsWith("s")) return word;
  return word.slice(0, -1);
}
