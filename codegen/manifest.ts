import * as z from "zod";
import type { NamedThing } from "../src/definition/graphql-call.js";
import {
  common,
  facts,
  finder,
  iid,
  names,
  publicName,
  reach,
  ref,
  scalar,
  scalarType,
  since,
} from "./manifest-words.js";
import { lostCreate } from "./manifest-lost.js";
import { workflow } from "./manifest-workflow.js";

const namedThings = [
  "work_item",
  "type",
  "label",
  "user",
  "milestone",
  "iteration",
  "status",
  "note",
  "discussion",
  "vulnerability",
  "custom_field",
] as const satisfies readonly NamedThing[];

/** Says more about a parameter that the operation has. */
const refinement = z.strictObject({
  ...facts,
  type: z
    .union([scalarType, z.literal("reference")])
    .optional()
    .describe("Where the specification has the wrong type."),
  required: z.boolean().optional(),
  ref: ref.optional(),
  iid: iid.optional(),
  list: z.enum(["comma", "brackets"]).optional().describe("How a list is sent."),
  clear: z
    .union([z.string(), z.number(), z.null()])
    .optional()
    .describe("What GitLab takes to clear it, where null is not that."),
  fill: scalar.optional().describe("What is sent where GitLab requires it and the caller leaves it out."),
  reach: reach.optional(),
  by: z.literal("path").optional().describe("GitLab takes only a path here: digits are a path too."),
  widens: z.literal(true).optional().describe("GitLab widens its answer beyond the call's place unless this is false."),
  text: z
    .enum(["markdown", "message", "plain"])
    .optional()
    .describe("What GitLab acts on in it: quick actions and references, only references, or nothing."),
  sign: z
    .enum(["@", "~", "%"])
    .optional()
    .describe("What Markdown writes before such a name (@ada, ~bug, %v1.4): it is left out."),
  finder: finder.optional(),
  since: since.optional(),
  names: z
    .enum(namedThings)
    .optional()
    .describe("What people name in a variable of a GraphQL operation that takes a global id: it is looked up."),
  within: z
    .literal("work_item")
    .optional()
    .describe("It lies in a work item, which may be given beside it: there it is looked for."),
  once: z
    .literal(true)
    .optional()
    .describe("A call that has it counts twice when it is sent twice, whatever the rest."),
});

/** A parameter of ours, which is not sent. */
const addition = z.strictObject({
  ...facts,
  type: scalarType,
  required: z.boolean().optional(),
  marks: z.string().optional().describe("The title whose draft prefix it writes (true) or removes (false)."),
  once: z.literal(true).optional().describe("A call that has it is not sent again where GitLab may have acted."),
});

const tool = z.strictObject({
  ...common,
  operation: z.string().min(1).optional().describe("The operation's operationId in GitLab's specification."),
  graphql: z
    .string()
    .regex(/^spec\/graphql\/[a-z0-9-]+\.graphql$/, "has to be a file spec/graphql/NAME.graphql")
    .optional()
    .describe("A text of GitLab's GraphQL API, in the place of an operation."),
  result: z
    .string()
    .regex(/^\w+(?:[.|]\w+)*$/, "has to be a path such as namespace.workItem")
    .optional()
    .describe("Where a GraphQL answer has what the tool brings back; `a|b` is whichever is there."),
  place: z
    .string()
    .min(1)
    .optional()
    .describe("The variable of a GraphQL text that takes a full path. Default: `path`, where there is one."),
  switches: z
    .record(publicName, z.record(z.string().min(1), z.string().min(1)))
    .optional()
    .describe("Parameters that choose a part of a GraphQL text: each value by the variable that is true for it."),
  older: z
    .strictObject({
      before: since.describe("The first version that understands the text as it is meant."),
      tool: z.string().regex(/^gitlab_[a-z0-9_]+$/, "has to be a tool"),
      always: z
        .record(publicName, scalar)
        .optional()
        .describe("What that tool is told unless the input says otherwise."),
      input: z
        .record(
          publicName,
          z.union([
            publicName,
            z.record(publicName, scalar),
            z.record(z.string().min(1), z.record(publicName, scalar)),
          ]),
        )
        .describe(
          "Parameter → that tool's, or several of it with what each is told ($ is the value), or each value that it may have → what that tool is told.",
        ),
      answer: z
        .json()
        .describe(
          'The answer of the text, made of that tool\'s: "$name" is a field, "a {name}" a text with one, {$each: list, $as: …} a list, {$when: name, $as: …} null where it is missing, {$of: name, $is: {word: word}} other words.',
        ),
    })
    .optional()
    .describe("Which tool of the REST API serves instances that are older than a GraphQL text."),
  access: z
    .enum(["read", "write", "destructive"])
    .optional()
    .describe("What a call does to GitLab. Default: by method, and by the verb of the path."),
  idempotent: z
    .boolean()
    .optional()
    .describe("Repeating the call changes nothing more. Default: true except for POST and PATCH."),
  scopes: names
    .min(1)
    .optional()
    .describe("OAuth scopes any one of which suffices. Default: read_api or api for read, api for the rest."),
  curated: names.optional().describe("Public names of the parameters shown to models, in this order."),
  rename: z
    .record(z.string(), publicName)
    .optional()
    .describe("Name on the wire (or `body.` and the name, where the path has it too) → public name."),
  omit: names.optional().describe("Parameters that are not offered at all."),
  require: names.optional().describe("Parameters that GitLab has as optional and we require."),
  parameters: z.record(z.string(), refinement).optional(),
  add: z.record(publicName, addition).optional().describe("Parameters of ours, which are not sent to GitLab."),
  reach: z
    .enum(["here", "out"])
    .optional()
    .describe("For allow-lists: about no project at all, or of what lies elsewhere by its nature."),
  answer: z
    .enum(["json", "text", "binary", "file", "empty", "any"])
    .optional()
    .describe("How the answer becomes data. Default: as the specification says."),
  lost: lostCreate.optional().describe("How a create whose answer got lost is found again."),
  witness: z
    .strictObject({
      read: z
        .string()
        .regex(/^gitlab_[a-z0-9_]+$/, "has to be a tool")
        .describe("The tool that reads it."),
      field: publicName.describe("The field with when it was last changed."),
    })
    .optional()
    .describe("What an update compares with the parameter `expected_FIELD` before it writes, read at its own path."),
  content: z
    .string()
    .regex(/^[a-z]+$/)
    .optional()
    .describe("The last part of the path at which GitLab serves the text that becomes the answer's `content`."),
  view: names
    .optional()
    .describe("Fields of the compact view: name, parent.name, list[].name; name?other where the item has another."),
});

/** A file of tools. */
export const manifestSchema = z.strictObject({
  area: z.string().regex(/^[a-z][a-z0-9-]*$/, "has to be lower case with hyphens"),
  title: z.string().trim().min(1),
  description: z.string().trim().min(1).optional(),
  tools: z.record(z.string().regex(/^gitlab_[a-z][a-z0-9_]*$/, "a tool's name has to be gitlab_ and snake_case"), tool),
  workflows: z
    .record(z.string().regex(/^gitlab_[a-z][a-z0-9_]*$/, "a tool's name has to be gitlab_ and snake_case"), workflow)
    .optional()
    .describe("Tools made of several calls: src/workflows/ has a file for each, called after it."),
});

/** What all tools inherit. */
export const inheritedSchema = z.strictObject({
  rename: z
    .array(
      z.strictObject({
        path: z.string().regex(/^\//, "has to start with /").describe("The start of an operation's path."),
        from: z.string().min(1).describe("Name on the wire."),
        to: publicName.describe("Public name."),
        ref: ref.optional(),
        iid: iid.optional(),
      }),
    )
    .optional(),
  parameters: z
    .record(
      z.string(),
      refinement.extend({
        finder_below: z
          .string()
          .regex(/^\//, "has to start with /")
          .optional()
          .describe("The finder is for those operations alone whose paths contain this."),
      }),
    )
    .optional()
    .describe("By public name."),
});

export type ManifestFile = z.infer<typeof manifestSchema>;
/** A tool of one operation of the REST API. */
export type ManifestTool = z.infer<typeof tool> & { readonly operation: string };
/** A tool of one text of the GraphQL API. */
export type TextTool = z.infer<typeof tool> & { readonly graphql: string };
/** Which of the two a tool is; undefined where it says both or neither. */
export function kindOf(entry: z.infer<typeof tool>): { rest: ManifestTool } | { text: TextTool } | undefined {
  const { operation, graphql } = entry;
  if (operation !== undefined) return graphql === undefined ? { rest: { ...entry, operation } } : undefined;
  return graphql === undefined ? undefined : { text: { ...entry, graphql } };
}
export type ManifestWorkflow = z.infer<typeof workflow>;
export type Refinement = z.infer<typeof refinement>;
export type Addition = z.infer<typeof addition>;
export type Inherited = z.infer<typeof inheritedSchema>;

/** The JSON Schemas that editors check the manifest with. */
export function manifestJsonSchemas(): { readonly manifest: object; readonly parameters: object } {
  const jsonSchema = (title: string, schema: z.ZodType): object => ({
    title,
    ...z.toJSONSchema(schema, { io: "input", target: "draft-7" }),
  });
  return {
    manifest: jsonSchema("Tools of gitlab-agent-tools", manifestSchema),
    parameters: jsonSchema("Recurring parameters of gitlab-agent-tools", inheritedSchema),
  };
}
