/**
 * What is known of a tool, as data and types alone: the rooms above judge it, carry it out and show it. `row.ts` of the
 * room `tools` makes it of what the generator writes.
 */
import type { ZodMiniObject } from "zod/mini";
import type { GraphQLCall, NamedThing } from "./graphql-call.js";

/** What a call does to GitLab: nothing, a change, or a loss that cannot be undone. */
export type Access = "read" | "write" | "destructive";

/**
 * How GitLab's answer becomes `data`: parsed JSON, text, a download, a repository file whose base64 content is
 * decoded, nothing, or, where no body is declared, JSON or text as its content type says.
 */
export type AnswerKind = "json" | "text" | "binary" | "file" | "empty" | "any";

/** Where a parameter goes on the wire; `local` ones are for this library and are not sent. */
export interface ParameterPlace {
  readonly in: "path" | "query" | "body" | "variable" | "local";
  /** The name on the wire; of a variable the path, such as `input.title`, where it is not the parameter's own. */
  readonly name?: string;
  /** How a list is sent: `a,b`, or `name[]=a&name[]=b` in a query and a JSON array in a body. */
  readonly list?: "comma" | "brackets";
  /** GitLab takes a list here, or one of the words `None` and `Any`, which are sent as they are and not as a list. */
  readonly keyword?: true;
  /** What is sent when the caller leaves it out, where GitLab requires it. */
  readonly fill?: string | number | boolean;
  /** What is sent to clear it, in an update. */
  readonly clear?: string | number | null | readonly [];
  /** The title whose draft prefix it writes (true) or removes (false). */
  readonly marks?: string;
  /** What a reference names, where it may also be given by path or web URL. */
  readonly ref?: "project" | "group" | "user";
  /** The iid's kind, where a global id given by mistake can be explained. */
  readonly iid?: "issue" | "merge_request";
  /**
   * Where its value leads beyond the call's own project or group: what an allow-list checks (`project`, `group`,
   * `place` for the group of something new, `file` for `path@project`, `configuration` for what a CI/CD configuration
   * includes), or refuses (`out`).
   */
  readonly reach?: "project" | "group" | "place" | "file" | "configuration" | "out";
  /** GitLab takes only a path here: digits are a path too. */
  readonly by?: "path";
  /** GitLab widens its answer beyond the call's place unless this is false. */
  readonly widens?: true;
  /** GitLab acts on what is written here: quick actions and references in Markdown, references in messages. */
  readonly text?: "markdown" | "message";
  /** What Markdown writes before such a name, which is no part of it. */
  readonly sign?: "@" | "~" | "%";
  /** It is a file: then the body is a form. */
  readonly file?: true;
  /** The tool that finds its values, such as `gitlab_issues_list with search`. */
  readonly finder?: string;
  /** The first version of GitLab that has it. */
  readonly since?: string;
  /** Only Enterprise builds have it. */
  readonly enterprise?: true;
  /** What people name in it, whose global id is looked up. */
  readonly names?: NamedThing;
  /** It lies in what this other parameter names, and is looked for there. */
  readonly within?: "work_item";
  /** A call that has it counts twice when it is sent twice, whatever the rest. */
  readonly once?: true;
  /** It chooses a part of a GraphQL text: each value by the variable that is true for it. */
  readonly switch?: Readonly<Record<string, string>>;
}

/** How a create whose answer got lost is found again, in a list of such things. */
export interface LostCreate {
  /** The list's path, where it is not the create's own; of a GraphQL text the text in `graphql-lookups.ts` that lists them. */
  readonly in?: string;
  /** Where the answer has the list: of a GraphQL text, or of a thing with such things inside. */
  readonly items?: string;
  /**
   * Names on the wire, and by them the fields in which the thing shows the same. Without it such a create is not looked
   * for.
   */
  readonly match?: Readonly<Record<string, string>>;
  /** What tells it from others that match, compared where it was sent; what differs in it may be the thing all the same. */
  readonly also?: Readonly<Record<string, string>>;
  /** Fields, and what their texts have in them; `{name}` stands for what was given. */
  readonly says?: Readonly<Record<string, string>>;
  /** What GitLab takes for a name that is not sent; `{name}` stands for what was given. */
  readonly assume?: Readonly<Record<string, string>>;
  /** What all show that this tool makes. */
  readonly has?: Readonly<Record<string, string>>;
  /** The field with who made it. */
  readonly by?: string;
  /** The field with when it was made, where that is not `created_at`. */
  readonly made?: string;
  /** What brings it to the first page; `{name}` stands for what was given, `{me.username}` for who calls. */
  readonly query?: Readonly<Record<string, string>>;
  /** Names on the wire with which the thing lies elsewhere: then it is not looked for. */
  readonly unless?: readonly string[];
  /** GitLab takes no second one. */
  readonly unique?: true;
  /** Two look the same: anything else that was made since leaves open which is which. */
  readonly alone?: true;
  /** GitLab takes its time: that it is not to be seen does not say that it will not be. */
  readonly late?: true;
  /** The path at which it is read by itself, where a list shows less of it than the create's answer. */
  readonly one?: string;
  /** The create's answer, by what was sent, where the list is of something else. */
  readonly answer?: Readonly<Record<string, string>>;
  /** The tool that shows whether it is there. */
  readonly check?: string;
  /** Where the create's answer has the thing, where that is not the whole or the tool's result. */
  readonly becomes?: string;
  /** What only the create's answer shows: found again the thing is worth nothing, and is to be taken away. */
  readonly secret?: { readonly field: string; readonly remove: string };
}

/** What tells that an update would overwrite what its caller has not seen. */
export interface Witness {
  /** The tool that reads the thing, at the update's own path. */
  readonly read: string;
  /** The field with when it was last changed; the parameter is called `expected_` and this. */
  readonly field: string;
}

/** A tool as the runtime carries it out; of what the generator writes, `row.ts` makes it. */
export interface ToolDefinition {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly area: string;
  /** Who gets it: every agent (`core`, where nothing is said), who asks for more, or who names it. */
  readonly level?: "core" | "extended" | "derived";
  readonly method: "GET" | "HEAD" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** OpenAPI path template, with the names GitLab gives its path parameters; empty for a tool made of several calls. */
  readonly path: string;
  /** The tools that it calls, where it is made of several calls. */
  readonly steps?: readonly string[];
  /** Loads what makes those calls: a file of `src/workflows/`. */
  readonly run?: () => Promise<unknown>;
  readonly access: Access;
  /** Repeating the call leaves GitLab as one call would. */
  readonly idempotent: boolean;
  /** The least plan that has the feature; absent on features of every plan. */
  readonly tier?: "premium" | "ultimate";
  /** GitLab.com asks for the user's identity verification first. */
  readonly verification?: true;
  /** The least role in the project or group, as GitLab's access level (30 is Developer). */
  readonly role?: number;
  /** OAuth scopes any one of which suffices, the least first. */
  readonly scopes: readonly string[];
  readonly parameters: Readonly<Record<string, ParameterPlace>>;
  /** The parameters shown to models; the others are for code. */
  readonly curated: readonly string[];
  /** Groups of parameters of which at most one may be given. */
  readonly exclusive?: readonly (readonly string[])[];
  /** Groups of parameters of which at least one must be given. */
  readonly required_one?: readonly (readonly string[])[];
  readonly answer: AnswerKind;
  /** The answer is a list in pages. */
  readonly list?: true;
  /** The part of the path, below the tool's own, at which GitLab serves the text that becomes the answer's `content`. */
  readonly content?: string;
  /** Names of the answer's fields that hold credentials. */
  readonly secrets?: readonly string[];
  /** It makes or answers credentials: agents are offered it only by name. */
  readonly credentials?: true;
  /** The tool that does the same at GitLab's other path: agents are offered this one only by name. */
  readonly same_as?: string;
  /** Names that it had; they are still understood. */
  readonly aliases?: readonly string[];
  /** Words that people ask for it with, for search. */
  readonly keywords?: readonly string[];
  /**
   * For allow-lists: about no project at all (`here`), of what lies elsewhere by its nature (`out`), or showing what a
   * CI/CD configuration includes (`includes`). Of a step also: a list of which only what is allowed is kept (`listed`).
   */
  readonly reach?: "here" | "includes" | "listed" | "out";
  /** It ships something: a person confirms it as what is destructive. */
  readonly confirm?: "ships";
  /** Values that make a call destructive, by the path of the field. */
  readonly destructive_when?: Readonly<Record<string, readonly string[]>>;
  /** Tools that help when a call is refused, by what they are about. */
  readonly see?: Readonly<Record<string, string>>;
  /** How a create is found again when its response got lost. */
  readonly lost?: LostCreate;
  /** What an update compares before it writes, where the caller wants it. */
  readonly witness?: Witness;
  /** The field of its answer that says which version of what its iid names it shows. */
  readonly shows?: string;
  /** The parameter with the version that its caller has seen: in an agent's conversation, the one that it was shown last. */
  readonly seen?: string;
  /** The first version of GitLab that has it. */
  readonly since?: string;
  /** It is an operation of GitLab's GraphQL API. */
  readonly graphql?: GraphQLCall;
  /** Paths of the fields in the compact view. */
  readonly view: readonly string[];
  /**
   * The input schema of all parameters; built when first used.
   *
   * @param names where only these are asked for, others may be left out: few of them are shown to models
   */
  readonly input: (names?: ReadonlySet<string>) => ZodMiniObject;
}
