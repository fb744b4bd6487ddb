/**
 * Whether a CI/CD configuration may show files of other projects: GitLab's linter puts what is included into its answer,
 * with the rights of whoever asks (https://docs.gitlab.com/api/lint/, https://docs.gitlab.com/ci/yaml/includes/).
 */
import { isScalar, parseAllDocuments, visit } from "yaml";
import { isObject } from "../is-object.js";

/** Why a text may include something; nothing where it surely does not. What cannot be read may. */
export function includesIn(text: string): string | undefined {
  // Inputs are put in before keys are read: https://docs.gitlab.com/ci/inputs/
  if (text.includes("$[[")) return "has inputs, which may become an include";
  let why: string | undefined;
  for (const document of parseAllDocuments(text, { uniqueKeys: false, logLevel: "silent", prettyErrors: false })) {
    if (document.errors.length > 0) return "cannot be read";
    visit(document, {
      Node(_, node) {
        const tag = "tag" in node ? node.tag : undefined;
        if (tag !== undefined && tag !== "!reference" && !tag.startsWith("tag:yaml.org,2002:"))
          why ??= "has a tag that cannot be read";
        // Another spelling of a word, such as base64.
        if (tag === "tag:yaml.org,2002:binary") why ??= "has a tag that cannot be read";
      },
      Pair(_, { key }) {
        if (!isScalar(key)) why ??= "has a key that is no word";
        else if (String(key.value) === "include") why ??= "includes files";
      },
    });
  }
  return why;
}

/** A project whose file an answer shows, or something that lies in none. */
export type Included = { readonly project: string } | { readonly elsewhere: string };

/** What an answer of the linter may show beyond the call's own project; undefined where it does not say. */
export function includedIn(answer: unknown): readonly Included[] | undefined {
  if (!isObject(answer) || answer["valid"] !== true || !Array.isArray(answer["includes"])) return undefined;
  return answer["includes"].flatMap((one: unknown): Included[] => {
    const { type, extra, context_project: context } = isObject(one) ? one : {};
    const project = isObject(extra) ? extra["project"] : undefined;
    // A template is GitLab's own.
    if (type === "template") return [];
    if (type === "local" && typeof context === "string") return [{ project: context }];
    if (type === "file" && typeof project === "string") return [{ project }];
    return [{ elsewhere: typeof type === "string" ? type : "unknown" }];
  });
}
