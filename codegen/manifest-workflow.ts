import * as z from "zod";
import { common, facts, finder, iid, names, publicName, ref, scalarType, since } from "./manifest-words.js";

const said = {
  ...facts,
  required: z.boolean().optional(),
  finder: finder.optional(),
  since: since.optional(),
};

/** One value, or a list of such. */
const plain = z.strictObject({ ...said, type: z.union([scalarType, z.literal("array")]).optional() });

/** What an array may hold. */
const item = z.strictObject({
  ...said,
  type: z.union([scalarType, z.literal("object")]).optional(),
  properties: z.record(publicName, plain).optional().describe("What an object has."),
});

/** A parameter of a tool made of several calls. */
const parameter = z.strictObject({
  ...said,
  type: z
    .union([scalarType, z.enum(["reference", "iid", "array", "object"])])
    .optional()
    .describe("Default: string; a name that other tools know, such as project_id, has theirs."),
  ref: ref.optional(),
  iid: iid.optional(),
  items: item.optional().describe("What an array holds. Default: texts."),
  minItems: z.int().min(0).optional(),
  maxItems: z.int().min(0).optional(),
  properties: z.record(publicName, plain).optional().describe("What an object has."),
});

const toolName = z.string().regex(/^gitlab_[a-z0-9_]+$/, "has to be a tool");

/** A tool made of several calls. */
export const workflow = z.strictObject({
  ...common,
  title: z.string().trim().min(1).describe("For a person: a few words."),
  description: z
    .string()
    .trim()
    .min(1)
    .describe("For a model: what it does, when to use it, what it returns; one to three short sentences of our own."),
  access: z.enum(["read", "write", "destructive"]).describe("The most that one of its steps does to GitLab."),
  scopes: names
    .min(1)
    .optional()
    .describe("OAuth scopes any one of which suffices. Default: read_api or api for read, api for the rest."),
  idempotent: z.boolean().optional().describe("Repeating the call changes nothing more. Default: true for read."),
  steps: z.array(toolName).min(1).describe("The tools that it may call."),
  input: z.record(publicName, parameter).describe("Its parameters, in the order in which models see them."),
  curated: names.optional().describe("The parameters shown to models. Default: all."),
  answer: z.enum(["json", "text"]).optional().describe("What it brings back. Default: json."),
  view: names.optional().describe("Fields of the compact view. Default: all that it brings back."),
});

export type WorkflowParameter = z.infer<typeof parameter>;
