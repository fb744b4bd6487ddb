import ts from "typescript";

const { factory } = ts;

/** Text as a literal, with its characters as they are. */
export function text(value: string): ts.StringLiteral {
  return ts.setEmitFlags(factory.createStringLiteral(value), ts.EmitFlags.NoAsciiEscaping);
}

/** JSON-like data as an expression. Members that are undefined are left out. */
export function data(value: unknown): ts.Expression {
  if (typeof value === "string") return text(value);
  if (typeof value === "number") return numeric(value);
  if (typeof value === "boolean") return value ? factory.createTrue() : factory.createFalse();
  if (Array.isArray(value)) return factory.createArrayLiteralExpression(value.map(data));
  if (typeof value === "object" && value !== null) {
    const given = Object.entries(value).filter(([, member]) => member !== undefined);
    return object(given.map(([name, member]): [string, ts.Expression] => [name, data(member)]));
  }
  return factory.createNull();
}

function numeric(value: number): ts.Expression {
  const literal = factory.createNumericLiteral(Math.abs(value));
  return value < 0 ? factory.createPrefixUnaryExpression(ts.SyntaxKind.MinusToken, literal) : literal;
}

/** An object literal; a short one stays on its line, where the formatter finds room for it. */
export function object(
  members: readonly (readonly [string, ts.Expression])[],
  multiLine = false,
): ts.ObjectLiteralExpression {
  return factory.createObjectLiteralExpression(
    members.map(([name, member]) => factory.createPropertyAssignment(propertyName(name), member)),
    multiLine,
  );
}

/** A name where it may stand bare, or in quotes. */
export function propertyName(name: string): ts.PropertyName {
  return /^[A-Za-z_$][\w$]*$/.test(name) ? factory.createIdentifier(name) : text(name);
}

/** `target.member(args)`, or `member(args)`. */
export function call(
  target: string | undefined,
  member: string,
  args: readonly ts.Expression[],
  types?: readonly ts.TypeNode[],
): ts.CallExpression {
  const callee =
    target === undefined
      ? factory.createIdentifier(member)
      : factory.createPropertyAccessExpression(factory.createIdentifier(target), member);
  return factory.createCallExpression(callee, types, args);
}

export function thunk(body: ts.Expression): ts.ArrowFunction {
  return factory.createArrowFunction(
    undefined,
    undefined,
    [],
    undefined,
    factory.createToken(ts.SyntaxKind.EqualsGreaterThanToken),
    body,
  );
}

/** Lets bundlers drop the call where its result is not used. */
export function pure(expression: ts.Expression): ts.Expression {
  return ts.addSyntheticLeadingComment(expression, ts.SyntaxKind.MultiLineCommentTrivia, " @__PURE__ ", false);
}

export function exportedConst(name: string, initializer: ts.Expression, type?: ts.TypeNode): ts.VariableStatement {
  return factory.createVariableStatement(
    [factory.createModifier(ts.SyntaxKind.ExportKeyword)],
    factory.createVariableDeclarationList(
      [factory.createVariableDeclaration(name, undefined, type, initializer)],
      ts.NodeFlags.Const,
    ),
  );
}

/** A union, or its only member. */
export function union(types: readonly ts.TypeNode[]): ts.TypeNode {
  const [only] = types;
  return types.length === 1 && only ? only : factory.createUnionTypeNode(types);
}

export function exportedType(name: string, type: ts.TypeNode): ts.TypeAliasDeclaration {
  return factory.createTypeAliasDeclaration(
    [factory.createModifier(ts.SyntaxKind.ExportKeyword)],
    name,
    undefined,
    type,
  );
}

export function asConst(expression: ts.Expression): ts.Expression {
  return factory.createAsExpression(expression, factory.createTypeReferenceNode("const"));
}

/** `import { … } from "module"`; `types` when only types are taken. */
export function importNames(names: readonly string[], module: string, types: boolean): ts.ImportDeclaration {
  const specifiers = names.map((name) =>
    factory.createImportSpecifier(false, undefined, factory.createIdentifier(name)),
  );
  const clause = factory.createImportClause(
    types ? ts.SyntaxKind.TypeKeyword : undefined,
    undefined,
    factory.createNamedImports(specifiers),
  );
  return factory.createImportDeclaration(undefined, clause, text(module));
}

export function importAll(name: string, module: string): ts.ImportDeclaration {
  const clause = factory.createImportClause(
    undefined,
    undefined,
    factory.createNamespaceImport(factory.createIdentifier(name)),
  );
  return factory.createImportDeclaration(undefined, clause, text(module));
}

/** Puts TSDoc before a node. */
export function documented<N extends ts.Node>(node: N, lines: readonly string[]): N {
  if (lines.length === 0) return node;
  const safe = lines.flatMap((line) => line.split("\n")).map((line) => line.replaceAll("*/", "*\\/"));
  const [only] = safe;
  const body =
    safe.length === 1
      ? `* ${only ?? ""} `
      : `*\n${safe.map((line) => (line === "" ? " *" : ` * ${line}`)).join("\n")}\n `;
  return ts.addSyntheticLeadingComment(node, ts.SyntaxKind.MultiLineCommentTrivia, body, true);
}

const printer = ts.createPrinter({ newLine: ts.NewLineKind.LineFeed });

/** The source of a file. Imports stand together; a blank line sets everything else apart. */
export function print(statements: readonly ts.Statement[]): string {
  const file = ts.createSourceFile("generated.ts", "", ts.ScriptTarget.Latest);
  return statements
    .map((statement) => {
      const source = printer.printNode(ts.EmitHint.Unspecified, statement, file);
      return ts.isImportDeclaration(statement) ? source : `\n${source}`;
    })
    .join("\n");
}
