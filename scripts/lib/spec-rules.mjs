// Reads rule ids: where SPEC.md defines them, and where a test's name cites them.

const ID = '[A-Z]{1,5}[0-9]{1,2}';
// `- SND1 …`, `- **SND1** …`, `- **SND1** (later) …`
const DEFINITION = new RegExp(`^\\s*[-*]\\s+(?:\\*\\*)?(${ID})\\b(?:\\*\\*)?:?\\s*(\\(later\\))?`);
const FENCE = /^\s*(?:```|~~~)/;
// `[SND1]`, `[SND1,ORD4]`; a bracket that starts like one but goes on otherwise is a slip worth naming.
const CITATION = new RegExp(`\\[(${ID}\\b[^\\]]*)\\]`, 'g');
const CITED = new RegExp(`^${ID}$`);

/** The rules of a SPEC text, in its order: `{ id, later, line }`. */
export function parseSpec(text) {
  const rules = [];
  let fenced = false;
  for (const [index, line] of text.split('\n').entries()) {
    if (FENCE.test(line)) fenced = !fenced;
    const match = fenced ? null : DEFINITION.exec(line);
    if (match) rules.push({ id: match[1], later: match[2] !== undefined, line: index + 1 });
  }
  return rules;
}

/** The ids that a name cites. What stands in such a bracket but is no id comes back as it is, to be refused as unknown. */
export function citedIds(name) {
  const ids = [];
  for (const [, inside] of name.matchAll(CITATION)) {
    for (const part of inside.split(',')) ids.push(part.trim());
  }
  return ids;
}

export const isRuleId = (text) => CITED.test(text);
