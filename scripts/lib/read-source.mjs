// Reads one source file by its syntax tree: what it imports, and the constructs that are not allowed in src.
import ts from 'typescript';

const DIRECTIVE = /@ts-(?:ignore|nocheck)\b/;

/**
 * `imports`: { specifier, line } of every import, export … from, import type, import() and require() with a literal.
 * `literals`: every string literal, `exportStars`, `anys`, `ignores`: the lines where they stand.
 */
export function readSource(text, fileName) {
  const source = ts.createSourceFile(fileName, text, ts.ScriptTarget.Latest, true);
  const result = { imports: [], literals: [], exportStars: [], anys: [], ignores: [] };
  const lineAt = (position) => source.getLineAndCharacterOfPosition(position).line + 1;

  const visit = (node) => {
    const line = lineAt(node.getStart(source));
    const specifier = importedBy(node);
    if (specifier !== undefined) result.imports.push({ specifier, line });
    if (ts.isStringLiteralLike(node)) result.literals.push({ text: node.text, line });
    if (node.kind === ts.SyntaxKind.AnyKeyword) result.anys.push(line);
    if (ts.isExportDeclaration(node) && (!node.exportClause || ts.isNamespaceExport(node.exportClause))) {
      result.exportStars.push(line);
    }
    ts.forEachChild(node, visit);
  };
  visit(source);

  for (const { pos, end } of commentsOf(source, text)) {
    if (DIRECTIVE.test(text.slice(pos, end))) result.ignores.push(lineAt(pos));
  }
  return result;
}

function importedBy(node) {
  if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) return literal(node.moduleSpecifier);
  if (ts.isExternalModuleReference(node)) return literal(node.expression);
  if (ts.isImportTypeNode(node)) return ts.isLiteralTypeNode(node.argument) ? literal(node.argument.literal) : undefined;
  if (!ts.isCallExpression(node)) return undefined;
  const isImport = node.expression.kind === ts.SyntaxKind.ImportKeyword;
  const isRequire = ts.isIdentifier(node.expression) && node.expression.text === 'require';
  return isImport || isRequire ? literal(node.arguments[0]) : undefined;
}

const literal = (node) => (node && ts.isStringLiteralLike(node) ? node.text : undefined);

/** All comments, each once: they stand before tokens, and the tree's leaves are its tokens. */
function commentsOf(source, text) {
  const found = new Map();
  const visit = (node) => {
    const children = node.getChildren(source);
    for (const child of children) visit(child);
    if (children.length > 0) return;
    const leading = ts.getLeadingCommentRanges(text, node.getFullStart()) ?? [];
    const trailing = ts.getTrailingCommentRanges(text, node.getFullStart()) ?? [];
    for (const range of [...leading, ...trailing]) found.set(range.pos, range);
  };
  visit(source);
  return [...found.values()].sort((a, b) => a.pos - b.pos);
}
