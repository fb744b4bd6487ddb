import * as z from "zod";

// The words that the tools of the manifest have in common, whatever they are made of.

export const scalar = z.union([z.string(), z.number(), z.boolean()]);
export const names = z.array(z.string().min(1));
export const publicName = z.string().regex(/^[a-z][a-z0-9_]*$/, "has to be in snake_case");
export const ref = z
  .enum(["project", "group", "user"])
  .describe("What it names, where a path or web URL may stand for the number.");
export const iid = z
  .enum(["issue", "merge_request"])
  .describe("It is the iid of such a thing: the number that people see.");

export const facts = {
  description: z.string().trim().min(1).optional().describe("For a model: what it does, in our own words."),
  default: scalar.optional().describe("What GitLab assumes when it is left out. Documentation only."),
  minimum: z.number().optional(),
  maximum: z.number().optional(),
  minLength: z.int().min(0).optional(),
  maxLength: z.int().min(0).optional(),
  pattern: z.string().optional().describe("A regular expression of JavaScript."),
  format: z.enum(["date", "date-time"]).optional(),
  enum: z
    .array(z.union([z.string(), z.number()]))
    .min(1)
    .optional()
    .describe("The words or numbers that it can be."),
};

export const reach = z
  .enum(["project", "group", "place", "file", "configuration", "out", "here"])
  .describe(
    "Where the value leads: to a project, a group, the group in which something new is placed, a file that may lie in another project, files that a CI/CD configuration includes, out of every allow-list, or nowhere else. A name that looks as if it led elsewhere counts as `out` until it is declared.",
  );
export const finder = z
  .string()
  .regex(/^gitlab_[a-z0-9_]+(?: with [a-z0-9_]+)?$/, "has to be a tool, or `TOOL with PARAMETER`")
  .describe("The tool that finds its values.");
export const since = z
  .string()
  .regex(/^\d+\.\d+$/, "has to be a version such as 18.3")
  .describe("The first version of GitLab that has it.");

export const scalarType = z.enum(["integer", "number", "boolean", "string"]);

/** What is said of every tool. */
export const common = {
  title: z.string().trim().min(1).optional().describe("For a person: a few words."),
  description: z
    .string()
    .trim()
    .min(1)
    .optional()
    .describe("For a model: what it does, when to use it, what it returns; one to three short sentences of our own."),
  tier: z.enum(["premium", "ultimate"]).optional().describe("The least plan that has it."),
  verification: z.literal(true).optional().describe("GitLab.com asks for the user's identity verification first."),
  role: z.int().min(5).max(60).optional().describe("The least access level (30 is Developer)."),
  aliases: z
    .array(z.string().regex(/^gitlab_[a-z0-9_]+$/, "has to be a tool's name"))
    .min(1)
    .optional()
    .describe("Names that it had; they are still understood."),
  exclusive: z.array(names.min(2)).optional().describe("At most one of each group may be given."),
  required_one: z.array(names.min(2)).optional().describe("At least one of each group has to be given."),
  confirm: z.literal("ships").optional().describe("It ships something: a person confirms it as what is destructive."),
  destructive_when: z
    .record(z.string(), z.array(z.string()).min(1))
    .optional()
    .describe("Values that make a call destructive, by the path of the field: `actions.action: [delete]`."),
  see: z
    .record(publicName, z.string().regex(/^gitlab_[a-z0-9_]+$/, "has to be a tool"))
    .optional()
    .describe("Tools that help when a call is refused, by what they are about."),
  since: since.optional(),
  shows: publicName
    .optional()
    .describe("The field that says which version of what its iid names it shows: `sha` of a merge request."),
  seen: publicName
    .optional()
    .describe("The parameter with the version that was seen: in an agent's conversation, what `shows` showed it last."),
  keywords: names
    .min(1)
    .optional()
    .describe("Words that people ask for it with and that stand nowhere else here; for search, not shown to models."),
};
