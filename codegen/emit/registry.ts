import type { Model, ToolModel } from "../model.js";
import { data, header, lines, propertyName } from "./source.js";
import { functionOf, toolFunction } from "./tool-module.js";

const sortedTools = (model: Model): ToolModel[] =>
  model.areas.flatMap(({ tools }) => tools).sort((a, b) => (a.name < b.name ? -1 : 1));

interface RegistryOptions {
  /** Whether they are somebody's own, whose names calls by name have to be told of. */
  readonly own?: boolean;
  /** Where `tool` and `listTool` are. */
  readonly from?: string;
}

/**
 * `registry.ts`: every tool as a function, and by its name. All in one module: finding and loading one for each area took
 * longer than what is in them.
 */
export function registry(model: Model, { own = false, from = "../src/tools/tool.js" }: RegistryOptions = {}): string {
  const areas = model.areas.map(({ name, tools }) => {
    const local = localName(name);
    return { name, tools, rows: `${local}Rows`, types: `${local}Types` };
  });
  const functions = [...new Set(areas.flatMap(({ tools }) => tools.map(({ answer }) => functionOf(answer))))].sort();
  const imports = [
    `import { ${functions.join(", ")} } from ${data(from)};`,
    ...areas.flatMap(({ name, rows, types }) => [
      `import * as ${rows} from ${data(`./rows/${name}.js`)};`,
      `import type * as ${types} from ${data(`./tools/${name}.js`)};`,
    ]),
    ...areas.map(({ name }) => `export type * from ${data(`./tools/${name}.js`)};`),
  ];
  return `${header}${lines(imports, "")}
${areas.flatMap(({ tools, rows, types }) => tools.map((tool) => `${toolFunction(tool, types, rows)}\n`)).join("")}/** Names and functions: said once, where declarations would otherwise repeat the types of every function. */
type Tools = {
${lines(sortedTools(model).map(({ name, functionName }) => `readonly ${name}: typeof ${functionName};`))}};

/** Every tool by its name. */
export const tools: Tools = {
${lines(sortedTools(model).map(({ name, functionName }) => `${name}: ${functionName},`))}};
${own ? declared(model) : ""}`;
}

/** What a module of an area is called where it is imported. An area may be called like a word of the language: import. */
const localName = (area: string): string => area.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase());

const declared = (model: Model): string => `
declare module "gitlab-agent-tools" {
  /** Calls by these names are typed. */
  interface OwnTools {
${lines(
  sortedTools(model).map(({ name, functionName }) => `${name}: typeof ${functionName};`),
  "    ",
)}  }
}
`;

/** `tool-names.ts`: the names, and where each tool's row is, without any of the rows. */
export function toolNames(model: Model): string {
  const tools = sortedTools(model);
  return `${header}
/** The names of all tools. */
export const toolNames = [
${lines(tools.map(({ name }) => `${data(name)},`))}] as const;

/** Those of core and extended tools, which stay: nothing of somebody's own may take one. */
export const fixedNames: ReadonlySet<string> = new Set([
${lines(tools.filter(({ level }) => level !== "derived").map(({ name }) => `${data(name)},`))}]);

/** The name of a tool. */
export type ToolName = (typeof toolNames)[number];

/**
 * Loads an area's rows when one of its tools is first called by name. The functions are in modules of their own: what
 * a module exports that is also imported lazily is undefined in some bundles until then.
 */
export const areas = {
${lines(model.areas.map(({ name }) => `${propertyName(name)}: () => import(${data(`./rows/${name}.js`)}),`))}};

/** Names that tools had, and have now. */
export const aliases: Readonly<Record<string, ToolName>> = {
${lines(tools.flatMap(({ name, aliases = [] }) => aliases.map((alias) => `${alias}: ${data(name)},`)))}};

/** The area of each tool. */
export const toolAreas: Readonly<Record<ToolName, keyof typeof areas>> = {
${lines(tools.map(({ name, area }) => `${name}: ${data(area)},`))}};
`;
}

/** `all-rows.ts`: the rows of all areas at once, for what chooses among tools without calling them. */
export function allRows(model: Model): string {
  const names = model.areas.map(({ name }) => ({ name, local: `${localName(name)}Rows` }));
  return `${header}import type { RowText } from "../src/tools/row.js";
${lines(
  names.map(({ name, local }) => `import * as ${local} from ${data(`./rows/${name}.js`)};`),
  "",
)}
/** The rows of every area, by function. */
export const allRows: readonly Readonly<Record<string, RowText>>[] = [
${lines(names.map(({ local }) => `${local},`))}];
`;
}
