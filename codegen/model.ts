import type { LostCreate, Witness } from "../src/definition/definition.js";
import type { GraphQLCall, NamedThing } from "../src/definition/graphql-call.js";
import type { Origin } from "./derive/origin.js";

/**
 * What generation knows about the tools: the specification (corrected) and the manifest joined. Emitters read this and
 * nothing else.
 */
export interface Model {
  /** The API's version, from the specification. */
  readonly version: string;
  readonly areas: readonly AreaModel[];
  /** What was left out or assumed, for a person to read. */
  readonly notes: readonly string[];
  /** Lines of the manifest that say what is derived. */
  readonly redundant: readonly string[];
}

export interface AreaModel {
  readonly name: string;
  readonly title: string;
  readonly description?: string;
  /** By name. */
  readonly tools: readonly ToolModel[];
}

/** Who gets a tool: every agent, who asks for more, or who names it. */
export type Level = "core" | "extended" | "derived";

export interface ToolModel {
  readonly name: string;
  readonly functionName: string;
  readonly operationId: string;
  readonly method: "GET" | "HEAD" | "POST" | "PUT" | "PATCH" | "DELETE";
  readonly path: string;
  readonly title: string;
  readonly description: string;
  readonly area: string;
  readonly level: Level;
  readonly access: "read" | "write" | "destructive";
  readonly idempotent: boolean;
  readonly tier?: "premium" | "ultimate";
  readonly verification?: true;
  readonly role?: number;
  readonly scopes: readonly string[];
  readonly deprecated: boolean;
  /** The curated ones first, in the manifest's order; then the operation's order. */
  readonly parameters: readonly ParameterModel[];
  readonly curated: readonly string[];
  readonly exclusive: readonly (readonly string[])[];
  readonly required_one: readonly (readonly string[])[];
  readonly answer: AnswerModel;
  /** The part of the path, below the operation's, whose text becomes the answer's `content`. */
  readonly content?: string;
  readonly view: readonly string[];
  /** The tools that it calls, where it is made of several calls. */
  readonly steps?: readonly string[];
  /** Names of the answer's fields that hold credentials. */
  readonly secrets?: readonly string[];
  /** It makes or answers credentials: agents are offered it only by name. */
  readonly credentials?: true;
  /** The tool that does the same at GitLab's other path: agents are offered this one only by name. */
  readonly same_as?: string;
  /** Names that it had. */
  readonly aliases?: readonly string[];
  readonly keywords?: readonly string[];
  /** Where each value comes from. */
  readonly origins: Readonly<Record<string, Origin>>;
  readonly reach?: "here" | "includes" | "out";
  readonly confirm?: "ships";
  readonly destructive_when?: Readonly<Record<string, readonly string[]>>;
  readonly see?: Readonly<Record<string, string>>;
  readonly lost?: LostCreate;
  readonly witness?: Witness;
  readonly shows?: string;
  readonly seen?: string;
  readonly since?: string;
  /** It is an operation of GitLab's GraphQL API. */
  readonly graphql?: GraphQLCall;
}

export type Clear = string | number | null | readonly [];

export interface ParameterModel {
  /** The public name. */
  readonly name: string;
  readonly wire: string;
  readonly in: "path" | "query" | "body" | "variable" | "local";
  readonly list?: "comma" | "brackets";
  /** `None` and `Any` are sent bare, although it is a list. */
  readonly keyword?: true;
  readonly ref?: "project" | "group" | "user";
  readonly iid?: "issue" | "merge_request";
  readonly reach?: "project" | "group" | "place" | "file" | "configuration" | "out" | "here";
  readonly by?: "path";
  readonly widens?: true;
  readonly text?: "markdown" | "message" | "plain";
  readonly sign?: "@" | "~" | "%";
  readonly finder?: string;
  readonly since?: string;
  readonly enterprise?: true;
  readonly names?: NamedThing;
  readonly within?: "work_item";
  readonly once?: true;
  readonly switch?: Readonly<Record<string, string>>;
  readonly required: boolean;
  /** What is sent when it is left out. */
  readonly fill?: string | number | boolean;
  /** The specification lets it be null. */
  readonly nullable?: true;
  /** What is sent to clear it. */
  readonly clear?: Clear;
  /** The title whose draft prefix it writes or removes. */
  readonly marks?: string;
  readonly type: InputType;
}

/** Bounds and documentation, as the words of `src/tools/schema.ts` take them. */
export interface Facts {
  readonly description?: string;
  readonly default?: string | number | boolean;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly pattern?: string;
}

/** The type of a parameter: every kind is a word of `src/tools/schema.ts`. */
export type InputType =
  | {
      readonly kind: "integer" | "number" | "boolean" | "date" | "dateTime" | "reference" | "iid" | "value" | "file";
      readonly facts: Facts;
    }
  /** `numeric`: a number is as good, in code too. */
  | { readonly kind: "text"; readonly numeric?: true; readonly facts: Facts }
  | { readonly kind: "choice"; readonly values: readonly [string, ...string[]]; readonly facts: Facts }
  | { readonly kind: "integerChoice"; readonly values: readonly [number, ...number[]]; readonly facts: Facts }
  /** `list` may also be a string with commas; `array` may not. */
  | { readonly kind: "list" | "array"; readonly item: InputType; readonly facts: Facts }
  | { readonly kind: "object"; readonly properties: readonly PropertyModel[]; readonly facts: Facts }
  | { readonly kind: "record"; readonly value: InputType; readonly facts: Facts };

export interface PropertyModel {
  readonly name: string;
  readonly required: boolean;
  /** The specification lets it be null. */
  readonly nullable?: true;
  /** What is sent to clear it. */
  readonly clear?: Clear;
  readonly type: InputType;
}

/** What a tool brings back, and where `openapi.ts` has its type. */
export interface AnswerModel {
  readonly kind: "json" | "text" | "binary" | "file" | "empty" | "any";
  /** A list in pages. */
  readonly list: boolean;
  /** Where the answer's schemas are; several where GitLab answers now this, now that. */
  readonly schemas: readonly { readonly status: string; readonly contentType: string }[];
  /** GitLab may answer without a body as well (204, 304). */
  readonly nullable: boolean;
  /** Its type in TypeScript, where `openapi.ts` does not have it. */
  readonly type?: string;
}
