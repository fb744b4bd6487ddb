import type { Model, ToolModel } from "../model.js";
import { data, header, lines, propertyName } from "./source.js";

const sortedTools = (model: Model): ToolModel[] =>
  model.areas.flatMap(({ tools }) => tools).sort((a, b) => (a.name < b.name ? -1 : 1));

/**
 * `registry.ts`: every tool as a function, and by its name.
 *
 * @param own whether they are somebody's own, whose names calls by name have to be told of
 */
export function registry(model: Model, { own = false }: { readonly own?: boolean } = {}): string {
  const module = (area: string): string => data(`./tools/${area}.js`);
  const imports = model.areas.map(
    ({ name, tools }) => `import { ${tools.map((tool) => tool.functionName).join(", ")} } from ${module(name)};`,
  );
  const exports = model.areas.map(({ name }) => `export * from ${module(name)};`);
  return `${header}${lines([...imports, ...exports], "")}
/** Names and functions: said once, where declarations would otherwise repeat the types of every function. */
type Tools = {
${lines(sortedTools(model).map(({ name, functionName }) => `readonly ${name}: typeof ${functionName};`))}};

/** Every tool by its name. */
export const tools: Tools = {
${lines(sortedTools(model).map(({ name, functionName }) => `${name}: ${functionName},`))}};
${own ? declared(model) : ""}`;
}

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
  const names = model.areas.map(({ name }) => ({
    name,
    // An area may be called like a word of the language: import.
    local: `${name.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase())}Rows`,
  }));
  return `${header}import type { ToolRow } from "../src/tools/row.js";
${lines(
  names.map(({ name, local }) => `import * as ${local} from ${data(`./rows/${name}.js`)};`),
  "",
)}
/** The rows of every area, by function. */
export const allRows: readonly Readonly<Record<string, ToolRow>>[] = [
${lines(names.map(({ local }) => `${local},`))}];
`;
}
