import { Project, StructureKind, type StatementStructures } from "ts-morph";
import { format, header } from "./format.js";

/** What a module consists of, in order. */
export type Module = readonly StatementStructures[];

/** The bytes of modules, by path. They are put together in memory: nothing is resolved, no type is checked. */
export async function printModules(modules: Readonly<Record<string, Module>>): Promise<[path: string, text: string][]> {
  const project = new Project({
    useInMemoryFileSystem: true,
    skipLoadingLibFiles: true,
    skipFileDependencyResolution: true,
  });
  const printed: [string, string][] = [];
  for (const [path, statements] of Object.entries(modules)) {
    // All statements at once: every later change to a file would parse it again.
    const file = project.createSourceFile(path, { statements: [header, ...statements.map(setApart)] });
    printed.push([path, await format(file.getFullText())]);
  }
  return printed;
}

/** Imports stand together; a blank line sets everything else apart. */
function setApart(statement: StatementStructures): StatementStructures {
  return statement.kind === StructureKind.ImportDeclaration ? statement : { ...statement, leadingTrivia: "\n" };
}
