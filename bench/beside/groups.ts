/** What is measured together, in the order of the report: the titles of its figures. */
export const groups = {
  calls: ["A call that lists 20 issues, processor time", "The same, 16 at once"],
  import: ["Import, processor time beyond Node's own"],
  generation: ["Generating from GitLab's document, processor time", "Generating, memory at most"],
  bundles: [
    "Bundle of a program that lists issues, minified and packed: loaded at its start",
    "The same with all that may be loaded later",
  ],
  types: ["Type-checking a program that lists issues, processor time beyond that of an empty one"],
  mcp: [
    "MCP server: from its start to its list of tools, processor time",
    "MCP server: from its start to its first answer, the best of all starts",
    "MCP tools offered",
    "Definitions of the MCP tools, as sent",
    "What a model reads of 8 everyday answers, in all",
  ],
  storm: [
    "10,000 accounts expire at once in 4 processes: most refreshes of one account",
    "10,000 accounts expire at once in 4 processes: failed calls",
    "10,000 accounts expire at once in 4 processes: until every call was answered",
  ],
} as const satisfies Readonly<Record<string, readonly string[]>>;

export type GroupName = keyof typeof groups;

export const groupNames = Object.keys(groups) as GroupName[];
