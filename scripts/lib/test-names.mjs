// Finds the names of the tests in a file by reading its syntax tree, so that what is commented out, skipped, left to do
// or expected to fail is not taken for a test. Names are worked out as far as the file itself tells: constants,
// templates, tables given to `each` and `for`, and loops over arrays written in the file.
import ts from 'typescript';

const OWN = [['it', 'test'], ['test', 'test'], ['describe', 'group'], ['suite', 'group']];
const NO_PROOF = new Set(['skip', 'todo', 'fails']);
const TABLES = new Set(['each', 'for']);
/** Calls of these make a test function, not yet a test. */
const MAKERS = new Set([...TABLES, 'skipIf', 'runIf', 'extend']);
/** Stands for a part of a name that only a run can tell. */
export const UNKNOWN = '\u0000';

/** The live tests of a source text: `{ name, line }`, a name starting with those of the groups around it. */
export function testNames(text, fileName = 'file.ts') {
  const source = ts.createSourceFile(fileName, text, ts.ScriptTarget.Latest, true);
  const found = [];
  const { scope, makers } = declarationsOf(source);
  visit(source, { source, found, makers, groups: [], scope });
  return found;
}

function visit(node, context) {
  const call = ts.isCallExpression(node) ? readCall(node, context.makers) : undefined;
  if (call) return visitTest(call, context);
  const loop = readLoop(node, context.scope);
  if (!loop) return ts.forEachChild(node, (child) => visit(child, context));
  for (const element of loop.elements) {
    visit(loop.body, { ...context, scope: bind(loop.variable, element, context.scope) });
  }
}

function visitTest({ node, kind, modifiers, table, args }, context) {
  if (!isLive({ modifiers }) || switchedOff(args)) return;
  const body = args.findLast((arg) => ts.isFunctionLike(arg) || ts.isIdentifier(arg) || ts.isCallExpression(arg));
  // Without a function, vitest takes it as one left to do.
  if (!body || body === args[0]) return;
  for (const name of namesOf(args[0], table, context.scope)) {
    const groups = [...context.groups, name];
    if (kind === 'group') visit(body, { ...context, groups });
    else context.found.push({ name: groups.join(' > '), line: lineOf(node, context.source) });
  }
}

const lineOf = (node, source) => source.getLineAndCharacterOfPosition(node.getStart(source)).line + 1;

/** Reads `it(…)`, `it.only(…)`, `it.each(table)(…)`, it.each`table`(…), `it.skipIf(…)(…)`, `describe.…`. */
function readCall(node, makers) {
  const last = ts.isPropertyAccessExpression(node.expression) ? node.expression.name.text : '';
  if (node.arguments.length === 0 || MAKERS.has(last)) return undefined;
  const maker = makerOf(node.expression, makers);
  return maker && { ...maker, node, args: [...node.arguments] };
}

/** What a test function is made of: `{ kind, modifiers, table }`; nothing for any other function. */
function makerOf(expression, makers) {
  if (ts.isIdentifier(expression)) return makers.get(expression.text);
  if (ts.isParenthesizedExpression(expression)) return makerOf(expression.expression, makers);
  if (ts.isConditionalExpression(expression)) {
    const branches = [expression.whenTrue, expression.whenFalse].map((branch) => makerOf(branch, makers));
    return branches.find((branch) => branch && isLive(branch)) ?? branches[0];
  }
  if (ts.isPropertyAccessExpression(expression)) {
    const maker = makerOf(expression.expression, makers);
    return maker && { ...maker, modifiers: [...maker.modifiers, expression.name.text] };
  }
  if (ts.isTaggedTemplateExpression(expression)) {
    const maker = makerOf(expression.tag, makers);
    return maker && { ...maker, table: expression.template };
  }
  if (!ts.isCallExpression(expression) || !ts.isPropertyAccessExpression(expression.expression)) return undefined;
  const maker = makerOf(expression.expression, makers);
  return maker && TABLES.has(maker.modifiers.at(-1)) ? { ...maker, table: expression.arguments[0] } : maker;
}

const isLive = ({ modifiers }) => !modifiers.some((name) => NO_PROOF.has(name));

/** `it(name, { skip: true }, fn)` and its like. */
function switchedOff(args) {
  return args.filter(ts.isObjectLiteralExpression).some((options) =>
    options.properties.some(
      (property) =>
        ts.isPropertyAssignment(property) &&
        NO_PROOF.has(property.name.getText()) &&
        property.initializer.kind === ts.SyntaxKind.TrueKeyword,
    ),
  );
}

/** One name for each row of a table that can be read here; the texts of a row stand behind its name. */
function namesOf(expression, table, scope) {
  const name = textOf(expression, scope);
  const rows = table ? elementsOf(table, scope) : undefined;
  if (rows) return rows.map((row) => withRow(name, row));
  return [table ? [name, ...textsIn(table)].join(' ') : name];
}

/** The first `%s` of a name is the first value of the row, when that is a text; the others stand behind the name. */
function withRow(name, row) {
  const first = ts.isArrayLiteralExpression(row) ? row.elements[0] : row;
  if (!name.includes('%s') || !first || !ts.isStringLiteralLike(first)) return [name, ...textsIn(row)].join(' ');
  return [name.replace('%s', () => first.text), ...textsIn(row).slice(1)].join(' ');
}

/** All literal texts below a node, for instance of a row of a table. */
function textsIn(node) {
  if (ts.isStringLiteralLike(node) || ts.isTemplateHead(node) || ts.isTemplateMiddleOrTemplateTail(node)) return [node.text];
  const texts = [];
  if (ts.isFunctionLike(node)) return texts;
  ts.forEachChild(node, (child) => void texts.push(...textsIn(child)));
  return texts;
}

/** A `for … of` or `.forEach` over an array that the file spells out: `{ variable, elements, body }`. */
function readLoop(node, scope) {
  if (ts.isForOfStatement(node) && ts.isVariableDeclarationList(node.initializer)) {
    const elements = elementsOf(node.expression, scope);
    return elements && { variable: node.initializer.declarations[0].name, elements, body: node.statement };
  }
  if (!ts.isCallExpression(node) || !ts.isPropertyAccessExpression(node.expression)) return undefined;
  const [callback] = node.arguments;
  if (node.expression.name.text !== 'forEach' || !callback || !ts.isFunctionLike(callback)) return undefined;
  const elements = elementsOf(node.expression.expression, scope);
  const variable = callback.parameters[0]?.name;
  return elements && variable && { variable, elements, body: callback.body };
}

function elementsOf(expression, scope) {
  const node = resolve(expression, scope);
  return node && ts.isArrayLiteralExpression(node) ? [...node.elements] : undefined;
}

function bind(pattern, element, scope) {
  const bound = new Map(scope);
  if (ts.isIdentifier(pattern)) return bound.set(pattern.text, element);
  const value = resolve(element, scope);
  for (const [index, part] of pattern.elements.entries()) {
    if (!ts.isBindingElement(part) || !ts.isIdentifier(part.name)) continue;
    const key = (part.propertyName ?? part.name).getText();
    const found = ts.isArrayBindingPattern(pattern) ? itemOf(value, index) : memberOf(value, key);
    bound.set(part.name.text, found);
  }
  return bound;
}

/**
 * The constants declared anywhere in the file (a name declared twice is not trusted), and the names of test functions:
 * vitest's own, imported under another name, or derived as in `const onPostgres = url ? it : it.skip`.
 */
function declarationsOf(source) {
  const scope = new Map();
  const makers = new Map(OWN.map(([name, kind]) => [name, { kind, modifiers: [], table: undefined }]));
  const walk = (node) => {
    if (ts.isVariableDeclaration(node) && ts.isIdentifier(node.name) && node.initializer) {
      const name = node.name.text;
      scope.set(name, scope.has(name) ? undefined : node.initializer);
      const maker = makerOf(node.initializer, makers);
      if (maker) makers.set(name, maker);
    }
    if (ts.isImportSpecifier(node) && node.propertyName && makers.has(node.propertyName.text)) {
      makers.set(node.name.text, makers.get(node.propertyName.text));
    }
    ts.forEachChild(node, walk);
  };
  walk(source);
  return { scope, makers };
}

/** Follows names, members and type assertions to the expression that gives the value, if the file has it. */
function resolve(expression, scope, depth = 0) {
  if (!expression || depth > 8) return undefined;
  const next = (node) => resolve(node, scope, depth + 1);
  if (ts.isAsExpression(expression) || ts.isSatisfiesExpression(expression) || ts.isParenthesizedExpression(expression)) {
    return next(expression.expression);
  }
  if (ts.isIdentifier(expression)) return next(scope.get(expression.text));
  if (ts.isPropertyAccessExpression(expression)) return next(memberOf(next(expression.expression), expression.name.text));
  if (ts.isElementAccessExpression(expression) && ts.isNumericLiteral(expression.argumentExpression)) {
    return next(itemOf(next(expression.expression), Number(expression.argumentExpression.text)));
  }
  return expression;
}

function memberOf(node, key) {
  if (!node || !ts.isObjectLiteralExpression(node)) return undefined;
  const member = node.properties.find((property) => property.name?.getText().replace(/^['"]|['"]$/g, '') === key);
  return member && ts.isPropertyAssignment(member) ? member.initializer : undefined;
}

const itemOf = (node, index) => (node && ts.isArrayLiteralExpression(node) ? node.elements[index] : undefined);

function textOf(expression, scope) {
  const node = resolve(expression, scope);
  if (!node) return UNKNOWN;
  if (ts.isStringLiteralLike(node) || ts.isNumericLiteral(node)) return node.text;
  if (ts.isTemplateExpression(node)) {
    return node.templateSpans.reduce((text, span) => text + textOf(span.expression, scope) + span.literal.text, node.head.text);
  }
  if (ts.isBinaryExpression(node) && node.operatorToken.kind === ts.SyntaxKind.PlusToken) {
    return textOf(node.left, scope) + textOf(node.right, scope);
  }
  return UNKNOWN;
}
