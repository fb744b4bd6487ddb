import { StructureKind, VariableDeclarationKind, Writers, type WriterFunction } from "ts-morph";
import type { ImportDeclarationStructure, TypeAliasDeclarationStructure, VariableStatementStructure } from "ts-morph";

/** Source as it is, or what writes it. */
export type Source = string | WriterFunction;

/** Pieces of source, one after the other. */
export function source(...pieces: readonly Source[]): WriterFunction {
  return (writer) => pieces.forEach((piece) => (typeof piece === "string" ? writer.write(piece) : piece(writer)));
}

/** JSON-like data as source: JSON is JavaScript, escaped where it has to be. Members that are undefined are left out. */
export const data = (value: unknown): string => JSON.stringify(value);

/** A name where it may stand bare, or in quotes. */
export const propertyName = (name: string): string => (/^[A-Za-z_$][\w$]*$/.test(name) ? name : data(name));

export const call = (callee: string, ...args: readonly Source[]): WriterFunction =>
  source(callee, "(", ...args.flatMap((arg) => [arg, ", "]), ")");

/** An object literal with a line for each member. */
export const object = (members: readonly (readonly [string, Source])[]): WriterFunction =>
  Writers.object(Object.fromEntries(members.map(([name, member]) => [propertyName(name), member])));

/** An object literal that stays on its line, where the formatter finds room for it. */
export const shortObject = (members: readonly (readonly [string, Source])[]): WriterFunction =>
  source("{ ", ...members.flatMap(([name, member]) => [propertyName(name), ": ", member, ", "]), "}");

/** TSDoc, which no text in it can end. */
export const docs = (text: string): string[] => (text === "" ? [] : [text.replaceAll("*/", "*\\/")]);

export function exportedConst(name: string, initializer: Source, about: string): VariableStatementStructure {
  return {
    kind: StructureKind.VariableStatement,
    isExported: true,
    declarationKind: VariableDeclarationKind.Const,
    declarations: [{ name, initializer }],
    docs: docs(about),
  };
}

export function exportedType(name: string, type: Source, about: string): TypeAliasDeclarationStructure {
  return { kind: StructureKind.TypeAlias, isExported: true, name, type, docs: docs(about) };
}

/** `import { … } from "module"`; `types` when only types are taken. */
export function importNames(
  namedImports: string[],
  moduleSpecifier: string,
  types = false,
): ImportDeclarationStructure {
  return { kind: StructureKind.ImportDeclaration, isTypeOnly: types, namedImports, moduleSpecifier };
}
