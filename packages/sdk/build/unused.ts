/** Takes out of a module what nobody calls, also of its classes: bundlers drop functions, and never methods. */
import ts from 'typescript';

interface Part {
  readonly name: string;
  /** With what stands before it. */
  readonly from: number;
  readonly to: number;
  readonly text: string;
}

/** Every name in it, outside of comments and texts: whatever may be called. */
function namesIn(text: string): readonly string[] {
  const names: string[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isIdentifier(node)) names.push(node.text);
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile('module.js', text, ts.ScriptTarget.ES2022));
  return names;
}

/** Methods of classes, and functions beside them that are not exported. */
function partsOf(module: string): readonly Part[] {
  const source = ts.createSourceFile('module.js', module, ts.ScriptTarget.ES2022, true);
  const parts: Part[] = [];
  const visit = (node: ts.Node): void => {
    const inner = ts.isFunctionDeclaration(node) && !node.modifiers;
    if (!inner && !ts.isMethodDeclaration(node)) {
      ts.forEachChild(node, visit);
      return;
    }
    const text = node.getText(source);
    parts.push({ name: node.name?.getText(source) ?? '', from: node.pos, to: node.end, text: inner ? text : `(class { ${text} })` });
  };
  visit(source);
  return parts;
}

/**
 * @param module JavaScript that calls by name alone, never by a computed one
 * @param callers what uses it
 * @returns the module without what cannot be reached
 */
export function withoutUnused(module: string, callers: readonly string[]): string {
  const parts = partsOf(module);
  const outside = parts.reduceRight((text, { from, to }) => text.slice(0, from) + text.slice(to), module);
  const reached = new Set([...callers, outside].flatMap(namesIn));
  for (let before = -1; before !== reached.size;) {
    before = reached.size;
    // A part names itself where it begins.
    for (const { name, text } of parts) if (reached.has(name)) for (const other of namesIn(text)) reached.add(other);
  }
  return parts.reduceRight((text, { name, from, to }) => (reached.has(name) ? text : text.slice(0, from) + text.slice(to)), module);
}
