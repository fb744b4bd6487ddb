import { encode } from "gpt-tokenizer/encoding/o200k_base";
import { Ajv2020 } from "ajv/dist/2020.js";
import addFormats from "ajv-formats";
import { ListToolsResultSchema } from "@modelcontextprotocol/sdk/types.js";
import { describe, expect, test } from "vitest";
import { shownTokens } from "../../bench/shown.js";
import { withoutNulls } from "../../src/adapters/arguments.js";
import { toAnthropic, toGemini, toJsonSchemaDocument, toMcp, toOpenAi } from "../../src/adapters/definitions.js";
import { discoveryDefinitions, discoveryTools } from "../../src/adapters/discovery-tools.js";
import { exportDefinitions } from "../../src/adapters/export.js";
import { definitionFormats } from "../../src/adapters/formats.js";
import { leanSchema } from "../../src/adapters/lean.js";
import { outputSchema } from "../../src/adapters/output-schema.js";
import { selectTools } from "../../src/tools/select.js";
import type { ToolDefinition } from "../../src/definition/definition.js";
import type { JsonSchema } from "../../src/tools/json-schema.js";
import { validate } from "../../src/tools/validate.js";

const all = selectTools();

/** What a provider documents of the functions that it takes. */
interface Rules {
  readonly name: RegExp;
  readonly parameterName: RegExp;
  /** Keywords that its schemas may have. */
  readonly keywords: ReadonlySet<string>;
  readonly formats: ReadonlySet<string>;
  /** Levels of objects and arrays in each other. */
  readonly depth: number;
  readonly properties: number;
  readonly enumValues: number;
  /** Characters in names and enums together. */
  readonly characters: number;
  /** Enums of other things than strings. */
  readonly numericEnums: boolean;
  /** Objects that name no properties. */
  readonly openObjects: boolean;
  /** `type: ["string", "null"]`. */
  readonly typeLists: boolean;
}

const keywords = (text: string): ReadonlySet<string> => new Set(text.split(" "));

const jsonSchema = keywords(
  "type description properties required items enum format minimum maximum minLength maxLength pattern minItems maxItems additionalProperties",
);

const rules = {
  // "Function calling": names; "Structured outputs: supported schemas": the limits, which hold in strict mode.
  openai: {
    name: /^[a-zA-Z0-9_-]{1,64}$/,
    parameterName: /^[a-zA-Z0-9_.-]{1,64}$/,
    keywords: jsonSchema,
    formats: keywords("date-time date time duration email hostname ipv4 ipv6 uuid"),
    depth: 10,
    properties: 5000,
    enumValues: 1000,
    characters: 120_000,
    numericEnums: true,
    openObjects: true,
    typeLists: true,
  },
  // "Tool use": the name's pattern; top-level anyOf, oneOf and allOf are refused, so is a property's odd name.
  anthropic: {
    name: /^[a-zA-Z0-9_-]{1,64}$/,
    parameterName: /^[a-zA-Z0-9_.-]{1,64}$/,
    keywords: jsonSchema,
    formats: keywords("date-time date"),
    depth: 100,
    properties: 5000,
    enumValues: 5000,
    characters: 1_000_000,
    numericEnums: true,
    openObjects: true,
    typeLists: true,
  },
  // "FunctionDeclaration" and "Schema": a subset of OpenAPI 3.0; the shorter of the documented limits of names.
  gemini: {
    name: /^[a-zA-Z_][a-zA-Z0-9_-]{0,62}$/,
    parameterName: /^[a-zA-Z_][a-zA-Z0-9_]{0,63}$/,
    keywords: keywords(
      "type description properties required items enum format nullable minimum maximum minItems maxItems",
    ),
    formats: keywords("date-time enum int32 int64 float double"),
    depth: 100,
    properties: 5000,
    enumValues: 5000,
    characters: 1_000_000,
    numericEnums: false,
    openObjects: false,
    typeLists: false,
  },
  // "Tools", 2025-11-25: names; clients put a server's name in front, and models' APIs count both.
  mcp: {
    name: /^[A-Za-z0-9_.-]{1,45}$/,
    parameterName: /^[a-zA-Z0-9_.-]{1,64}$/,
    keywords: jsonSchema,
    formats: keywords("date-time date"),
    depth: 10,
    properties: 5000,
    enumValues: 1000,
    characters: 120_000,
    numericEnums: true,
    openObjects: true,
    typeLists: false,
  },
} as const satisfies Record<string, Rules>;

interface Counts {
  properties: number;
  enumValues: number;
  characters: number;
}

/** What is against the rules in a schema, place by place. */
function* faults(schema: JsonSchema, rule: Rules, place: string, depth: number, counts: Counts): Generator<string> {
  for (const keyword of Object.keys(schema)) if (!rule.keywords.has(keyword)) yield `${place}: keyword ${keyword}`;
  const types = Array.isArray(schema.type) ? schema.type : [schema.type];
  if (!rule.typeLists && Array.isArray(schema.type)) yield `${place}: several types`;
  if (!types.every((type) => typeof type === "string")) yield `${place}: no type`;
  if (typeof schema["format"] === "string" && !rule.formats.has(schema["format"]))
    yield `${place}: format ${schema["format"]}`;
  if (schema.enum) {
    counts.enumValues += schema.enum.length;
    counts.characters += schema.enum.join("").length;
    if (schema.enum.length === 0) yield `${place}: empty enum`;
    if (new Set(schema.enum).size !== schema.enum.length) yield `${place}: enum repeats itself`;
    if (!rule.numericEnums && !schema.enum.every((value) => typeof value === "string"))
      yield `${place}: enum of numbers`;
  }
  if (types.includes("array")) {
    if (!schema.items) yield `${place}: no items`;
    else yield* faults(schema.items, rule, `${place}[]`, depth + 1, counts);
  }
  if (!types.includes("object")) return;
  if (depth > rule.depth) yield `${place}: deeper than ${rule.depth}`;
  const properties = Object.entries(schema.properties ?? {});
  if (!rule.openObjects && properties.length === 0) yield `${place}: an object without properties`;
  for (const name of schema.required ?? [])
    if (!Object.hasOwn(schema.properties ?? {}, name)) yield `${place}: requires ${name}, which it has not`;
  for (const [name, part] of properties) {
    counts.properties += 1;
    counts.characters += name.length;
    if (!rule.parameterName.test(name)) yield `${place}.${name}: name`;
    yield* faults(part, rule, `${place}.${name}`, depth + 1, counts);
  }
}

function check(name: string, description: string, schema: JsonSchema | undefined, rule: Rules): string[] {
  const counts: Counts = { properties: 0, enumValues: 0, characters: 0 };
  const found = schema ? [...faults(schema, rule, name, 1, counts)] : [];
  if (schema && schema.type !== "object") found.push(`${name}: not an object`);
  if (!rule.name.test(name)) found.push(`${name}: name`);
  if (description.length === 0 || description.length > 1024) found.push(`${name}: description`);
  for (const limit of ["properties", "enumValues", "characters"] as const)
    if (counts[limit] > rule[limit]) found.push(`${name}: more than ${rule[limit]} ${limit}`);
  return found;
}

/** Strict mode's own rules (OpenAI documentation, "Structured outputs"). */
function* looseEnds(schema: JsonSchema, place: string): Generator<string> {
  if (schema.items) yield* looseEnds(schema.items, `${place}[]`);
  const types = Array.isArray(schema.type) ? schema.type : [schema.type];
  if (!types.includes("object")) return;
  if (schema.additionalProperties !== false) yield `${place}: open`;
  const names = Object.keys(schema.properties ?? {});
  if (names.toSorted().join() !== [...(schema.required ?? [])].toSorted().join()) yield `${place}: not all required`;
  for (const [name, part] of Object.entries(schema.properties ?? {})) yield* looseEnds(part, `${place}.${name}`);
}

describe("every tool keeps every provider's documented rules", () => {
  test("OpenAI", () => {
    const definitions = [...all.map((tool) => toOpenAi(tool)), ...discoveryTools("openai")];
    expect(definitions.flatMap((tool) => check(tool.name, tool.description, tool.parameters, rules.openai))).toEqual(
      [],
    );
  });

  test("OpenAI, strict", () => {
    const strictKeywords = keywords(
      "type description properties required items enum additionalProperties pattern format multipleOf minimum maximum exclusiveMinimum exclusiveMaximum minItems maxItems",
    );
    const rule = { ...rules.openai, keywords: strictKeywords };
    const definitions = [...all, ...discoveryDefinitions()].map((tool) => toOpenAi(tool, { strict: true }));
    expect(definitions.every(({ strict }) => strict)).toBe(true);
    expect(definitions.flatMap((tool) => check(tool.name, tool.description, tool.parameters, rule))).toEqual([]);
    expect(definitions.flatMap((tool) => [...looseEnds(tool.parameters, tool.name)])).toEqual([]);
  });

  test("Anthropic", () => {
    const definitions = [...all.map((tool) => toAnthropic(tool)), ...discoveryTools("anthropic")];
    expect(
      definitions.flatMap((tool) => check(tool.name, tool.description, tool.input_schema, rules.anthropic)),
    ).toEqual([]);
  });

  test("Gemini", () => {
    const definitions = [...all.map((tool) => toGemini(tool)), ...discoveryTools("gemini")];
    expect(
      definitions.flatMap((tool) => check(tool.name, tool.description, tool.parameters as JsonSchema, rules.gemini)),
    ).toEqual([]);
  });

  test("MCP", () => {
    const definitions = [...all.map((tool) => toMcp(tool)), ...discoveryTools("mcp")];
    expect(definitions.flatMap((tool) => check(tool.name, tool.description, tool.inputSchema, rules.mcp))).toEqual([]);
  });

  test("MCP, as its official client reads it", () => {
    for (const view of ["compact", "full"] as const) {
      const tools = all.map((tool) => toMcp(tool, { annotations: "full", outputSchema: outputSchema(tool, view) }));
      const read = ListToolsResultSchema.parse(JSON.parse(JSON.stringify({ tools })));
      expect(read.tools).toEqual(JSON.parse(JSON.stringify(tools)));
    }
  });

  test("JSON Schema", () => {
    const ajv = new Ajv2020({ strict: true, code: { optimize: false } });
    addFormats.default(ajv);
    for (const tool of all) expect(() => ajv.compile(toJsonSchemaDocument(tool)), tool.name).not.toThrow();
  });
});

test("strict mode's nulls are what was left out", () => {
  for (const tool of all) {
    const { parameters } = toOpenAi(tool, { strict: true });
    const nulls = Object.fromEntries(
      Object.entries(parameters.properties ?? {}).map(([name, schema]) => [name, sample(schema)]),
    );
    const groups = (tool.required_one ?? []).map(([first]) => [first, "1"]);
    const given = withoutNulls(
      tool.name,
      JSON.stringify({ ...nulls, ...Object.fromEntries(groups) }),
      leanSchema(tool),
    );
    expect(() => validate(tool, given), tool.name).not.toThrow();
  }
  const pipeline = all.find(({ name }) => name === "gitlab_pipeline_create");
  const variables = [{ key: "A", value: "1", variable_type: null }];
  expect(pipeline && validate(pipeline, { project_id: "a/b", ref: "main", variables })).toMatchObject({
    variables: [{ key: "A", value: "1" }],
  });
});

/** Null where strict mode allows it, else the least that fits. */
function sample(schema: JsonSchema): unknown {
  const types = Array.isArray(schema.type) ? schema.type : [schema.type];
  if (types.includes("null")) return null;
  if (schema.enum) return schema.enum[0];
  switch (types[0]) {
    case "integer":
    case "number":
      return 1;
    case "boolean":
      return true;
    case "array":
      return [sample(schema.items ?? {})];
    case "object":
      return Object.fromEntries(Object.entries(schema.properties ?? {}).map(([name, part]) => [name, sample(part)]));
    default:
      return schema["format"] === "date"
        ? "2025-01-02"
        : schema["format"] === "date-time"
          ? "2025-01-02T03:04:05Z"
          : "x";
  }
}

describe("what all tools cost", () => {
  const tokens = (value: string): number => encode(value).length;

  test("the core's definitions for MCP take at most 9,600 tokens, hints included; titles are for people", () => {
    expect(shownTokens(all)).toBeLessThanOrEqual(9_600);
  });

  test("the three discovery tools take at most 700", () => {
    expect(tokens(JSON.stringify({ tools: discoveryTools("mcp") }))).toBeLessThanOrEqual(700);
  });

  test("what is exported is what is sent: without spaces, unless for people", () => {
    for (const format of definitionFormats) {
      if (format === "markdown") continue;
      const text = exportDefinitions(all, format);
      expect(text, format).toBe(`${JSON.stringify(JSON.parse(text))}\n`);
      expect(exportDefinitions(all, format, { pretty: true })).toContain("\n  ");
    }
  });
});

describe("MCP hints come from the manifest", () => {
  const kinds = new Map(all.map((tool) => [tool.name, tool]));
  const of = (name: string): ToolDefinition => {
    const found = kinds.get(name);
    if (!found) throw new Error(name);
    return found;
  };

  test("lean: what the protocol does not assume, and always whether something is destroyed", () => {
    expect(toMcp(of("gitlab_issues_list")).annotations).toEqual({ readOnlyHint: true });
    expect(toMcp(of("gitlab_issue_create")).annotations).toEqual({ destructiveHint: false });
    expect(toMcp(of("gitlab_issue_update")).annotations).toEqual({ destructiveHint: false, idempotentHint: true });
    expect(toMcp(of("gitlab_issue_delete")).annotations).toEqual({ destructiveHint: true, idempotentHint: true });
  });

  test("full: all of them", () => {
    for (const tool of all) {
      expect(toMcp(tool, { annotations: "full" }).annotations).toEqual({
        title: tool.title,
        readOnlyHint: tool.access === "read",
        destructiveHint: tool.access === "destructive",
        idempotentHint: tool.idempotent,
        openWorldHint: true,
      });
    }
  });
});

describe("every filter that a description promises is among the parameters", () => {
  const promised: readonly (readonly [word: RegExp, parameters: readonly string[]])[] = [
    [/\bby path\b|path, /, ["path"]],
    [/\bby [^.]*author\b|, author or/, ["author", "author_username"]],
    [/\bor date\b/, ["since", "created_after", "updated_after"]],
    [/\bsha\b/, ["sha", "ref"]],
    [/\bscope\b/, ["scope"]],
    [/\bmembership\b/, ["membership"]],
    [/include_ancestors/, ["include_ancestors"]],
    [/parent_id/, ["parent_id"]],
    [/auto_merge/, ["auto_merge"]],
    [/last_commit_id/, ["last_commit_id", "ref"]],
    [/save_to/, ["save_to"]],
    [/\bby exact username\b/, ["username"]],
    [/search by name/, ["search"]],
    [/\bfrom ref\b|\(ref\)/, ["ref"]],
    [/notes? \(description\)|Edits its description/, ["description"]],
    [/\bSearches (?:issues|merge requests)/, ["search"]],
    [/namespace_id/, ["namespace_id", "search"]],
    [/\bfilter\b/, ["filter"]],
    [/on chosen events/, ["push_events"]],
    [/closes|reopens|reactivates/i, ["state_event"]],
    [/assigns/, ["assignee_ids"]],
    [/relabels/, ["add_labels", "remove_labels"]],
    [/private or public/, ["visibility"]],
    [/due_date/, ["due_date"]],
  ];

  test.each(promised)("%s", (word, parameters) => {
    const tools = all.filter(({ description }) => word.test(description));
    for (const { name, curated } of tools)
      expect(
        parameters.some((parameter) => curated.includes(parameter)),
        `${name} has ${parameters.join(" or ")}`,
      ).toBe(true);
  });

  test("a parameter that a description names in its own spelling exists", () => {
    for (const { name, description, parameters } of all) {
      for (const [word] of description.matchAll(/\b[a-z]+_[a-z_]+\b/g)) {
        const elsewhere = /file_get|last_commit_id|namespace_id/.test(word);
        expect(elsewhere || word in parameters, `${name}: ${word}`).toBe(true);
      }
    }
  });
});

test("Markdown lists every tool by area with its parameters", () => {
  const text = exportDefinitions(all, "markdown");
  for (const { name, title } of all) expect(text).toContain(`### \`${name}\`: ${title}`);
  expect(text).toContain("| `project_id` |");
});
