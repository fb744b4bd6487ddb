import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import ts from "typescript";

// The package's public types, a file for each entry point, so that a review sees what a change does to them. They are
// read from the sources file by file, without a type check: what a source leaves to inference shows as `any`.

const root = fileURLToPath(new URL("..", import.meta.url));
const folder = join(root, "api");

/** What a file declares, by name, and where its other names come from. */
interface Module {
  readonly declared: ReadonlyMap<string, readonly ts.Statement[]>;
  readonly imported: ReadonlyMap<string, Origin>;
  readonly exported: ReadonlyMap<string, Origin>;
  /** Files of which everything is exported. */
  readonly everything: readonly string[];
  readonly source: ts.SourceFile;
}

/** A name in a file of ours; no file: of another package, or of the language. */
interface Origin {
  readonly file: string | undefined;
  readonly name: string;
}

const printer = ts.createPrinter({ removeComments: true });
const modules = new Map<string, Promise<Module>>();

function moduleOf(file: string): Promise<Module> {
  const known = modules.get(file) ?? readModule(file);
  modules.set(file, known);
  return known;
}

/** The file that `from "./x.js"` means; `undefined` for a package. */
function target(file: string, specifier: ts.Expression | undefined): string | undefined {
  if (!specifier || !ts.isStringLiteral(specifier) || !specifier.text.startsWith(".")) return undefined;
  return join(dirname(file), specifier.text.replace(/\.js$/, ".ts"));
}

async function readModule(file: string): Promise<Module> {
  const { outputText } = ts.transpileDeclaration(await readFile(join(root, file), "utf8"), {
    fileName: file,
    compilerOptions: { target: ts.ScriptTarget.ES2023, module: ts.ModuleKind.NodeNext, isolatedDeclarations: true },
  });
  const source = ts.createSourceFile(file, outputText, ts.ScriptTarget.ES2023, true);
  const declared = new Map<string, ts.Statement[]>();
  const imported = new Map<string, Origin>();
  const exported = new Map<string, Origin>();
  const everything: string[] = [];
  const declare = (name: string, statement: ts.Statement): void => {
    declared.set(name, [...(declared.get(name) ?? []), statement]);
    const modifiers = ts.canHaveModifiers(statement) ? ts.getModifiers(statement) : undefined;
    if (modifiers?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword)) exported.set(name, { file, name });
  };
  for (const statement of source.statements) {
    if (ts.isImportDeclaration(statement)) {
      const from = target(file, statement.moduleSpecifier);
      const { namedBindings: bindings } = statement.importClause ?? {};
      if (!bindings || !ts.isNamedImports(bindings)) continue;
      for (const { name, propertyName } of bindings.elements)
        imported.set(name.text, { file: from, name: (propertyName ?? name).text });
    } else if (ts.isExportDeclaration(statement)) {
      const from = target(file, statement.moduleSpecifier);
      const { exportClause: clause } = statement;
      if (!clause) everything.push(...(from === undefined ? [] : [from]));
      else if (ts.isNamedExports(clause))
        for (const { name, propertyName } of clause.elements)
          exported.set(name.text, { file: statement.moduleSpecifier ? from : file, name: (propertyName ?? name).text });
    } else if (ts.isVariableStatement(statement)) {
      for (const { name } of statement.declarationList.declarations)
        if (ts.isIdentifier(name)) declare(name.text, statement);
    } else if (
      ts.isFunctionDeclaration(statement) ||
      ts.isClassDeclaration(statement) ||
      ts.isInterfaceDeclaration(statement) ||
      ts.isTypeAliasDeclaration(statement)
    ) {
      if (statement.name) declare(statement.name.text, statement);
    }
  }
  return { declared, imported, exported, everything, source };
}

/** Where a name that a file uses or exports is declared. */
async function resolve({ file, name }: Origin): Promise<Origin> {
  if (file === undefined || isGenerated(file)) return { file, name };
  const { declared, imported, exported, everything } = await moduleOf(file);
  if (declared.has(name)) return { file, name };
  const next = exported.get(name) ?? imported.get(name);
  if (next && !(next.file === file && next.name === name)) return await resolve(next);
  for (const other of everything) {
    const found = await resolve({ file: other, name });
    if (found.file !== undefined) return found;
  }
  return { file: undefined, name };
}

/** Tools and the document's types have pages of their own: docs/api.md. */
const isGenerated = (file: string): boolean => file.startsWith("generated/");

async function exportsOf(file: string): Promise<Map<string, Origin>> {
  const { exported, everything } = await moduleOf(file);
  const found = new Map(exported);
  for (const other of everything) for (const [name, origin] of await exportsOf(other)) found.set(name, origin);
  return found;
}

/** Names of types that a declaration needs. */
function used(node: ts.Node, file: string): Origin[] {
  const found: Origin[] = [];
  const first = (name: ts.EntityName | ts.Expression): string | undefined => {
    if (ts.isIdentifier(name)) return name.text;
    if (ts.isQualifiedName(name)) return first(name.left);
    return ts.isPropertyAccessExpression(name) ? first(name.expression) : undefined;
  };
  const add = (name: string | undefined): void => void (name !== undefined && found.push({ file, name }));
  const visit = (part: ts.Node): void => {
    if (ts.isTypeReferenceNode(part)) add(first(part.typeName));
    else if (ts.isExpressionWithTypeArguments(part)) add(first(part.expression));
    else if (ts.isTypeQueryNode(part)) add(first(part.exprName));
    ts.forEachChild(part, visit);
  };
  visit(node);
  return found;
}

async function textOf({ file = "", name }: Origin): Promise<string> {
  const { declared, source } = await moduleOf(file);
  return (declared.get(name) ?? [])
    .map((statement) => printer.printNode(ts.EmitHint.Unspecified, statement, source).replace(/^export /, ""))
    .join("\n");
}

const keyOf = ({ file, name }: Origin): string => `${file} ${name}`;

/** What an entry point exports, and the types that this needs, in the order of their names. */
async function report({ specifier, file }: Entry, owners: ReadonlyMap<string, string>): Promise<string> {
  const lines: string[] = [];
  const generated: string[] = [];
  const elsewhere = new Map<string, Set<string>>();
  const seen = new Set<string>();
  const queue: Origin[] = [];
  /** Whether this report is the one that shows a declaration. */
  const isOurs = (at: Origin): boolean => {
    const owner = owners.get(keyOf(at));
    if (owner === undefined || owner === specifier) return true;
    elsewhere.set(owner, (elsewhere.get(owner) ?? new Set()).add(at.name));
    return false;
  };
  for (const [name, origin] of [...(await exportsOf(file))].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const at = await resolve(origin);
    if (at.file === undefined || isGenerated(at.file)) {
      generated.push(name);
      continue;
    }
    seen.add(keyOf(at));
    if (!isOurs(at)) continue;
    queue.push(at);
    lines.push(at.name === name ? `export ${await textOf(at)}` : `export { ${at.name} as ${name} };`);
  }
  const needed: Origin[] = [];
  for (let at = queue.pop(); at; at = queue.pop()) {
    const { file: where = "", name } = at;
    const { declared } = await moduleOf(where);
    for (const use of (declared.get(name) ?? []).flatMap((statement) => used(statement, where))) {
      const found = await resolve(use);
      if (found.file === undefined || isGenerated(found.file) || seen.has(keyOf(found))) continue;
      seen.add(keyOf(found));
      if (!isOurs(found)) continue;
      needed.push(found);
      queue.push(found);
    }
  }
  const names = (from: Iterable<string>): string => [...from].sort().join("\n");
  const also = (await Promise.all(needed.map(textOf))).sort();
  return [
    `# ${specifier}\n\nMade by \`npm run api\`; \`any\` is what the source leaves to inference.`,
    ...(lines.length > 0 ? [`\`\`\`ts\n${lines.join("\n\n")}\n\`\`\``] : []),
    ...(also.length > 0 ? [`## What these need\n\n\`\`\`ts\n${also.join("\n\n")}\n\`\`\``] : []),
    ...[...elsewhere]
      .sort(([one], [other]) => (one < other ? -1 : 1))
      .map(([owner, which]) => `## Of ${owner}\n\n\`\`\`\n${names(which)}\n\`\`\``),
    ...(generated.length > 0 ? [`## Generated\n\n\`\`\`\n${names(generated)}\n\`\`\``] : []),
  ]
    .join("\n\n")
    .concat("\n");
}

interface Entry {
  readonly specifier: string;
  readonly file: string;
}

async function entries(): Promise<Entry[]> {
  const { exports } = JSON.parse(await readFile(join(root, "package.json"), "utf8")) as {
    exports: Record<string, { types?: string }>;
  };
  return Object.entries(exports).flatMap(([entry, { types }]) =>
    types === undefined
      ? []
      : [
          {
            specifier: entry.replace(/^\./, "gitlab-agent-tools"),
            file: types.replace("./dist/", "").replace(/\.d\.ts$/, ".ts"),
          },
        ],
  );
}

/** The reports by file name. */
export async function apiReports(): Promise<Map<string, string>> {
  const all = await entries();
  // What several entry points export is shown where it is exported first.
  const owners = new Map<string, string>();
  for (const { specifier, file } of all) {
    for (const origin of (await exportsOf(file)).values()) {
      const at = await resolve(origin);
      if (at.file !== undefined && !owners.has(keyOf(at))) owners.set(keyOf(at), specifier);
    }
  }
  const reports = new Map<string, string>();
  for (const entry of all) {
    const name = entry.specifier.split("/")[1] ?? "index";
    reports.set(`${name}.api.md`, await report(entry, owners));
  }
  return reports;
}

/** What is committed, by file name. */
export async function committedReports(): Promise<Map<string, string>> {
  const files = await readdir(folder).catch(() => []);
  return new Map(
    await Promise.all(files.map(async (file) => [file, await readFile(join(folder, file), "utf8")] as const)),
  );
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder);
  for (const [file, text] of await apiReports()) await writeFile(join(folder, file), text);
}
