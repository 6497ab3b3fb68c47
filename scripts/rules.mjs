// Holds SPEC.md and the tests together: every rule that is due has a live test naming it, and no test names a rule
// that SPEC.md does not have. Usage: node scripts/rules.mjs [ROOT]
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readTests } from './lib/read-tests.mjs';
import { citedIds, parseSpec } from './lib/spec-rules.mjs';

const SPEC = 'packages/protocol/SPEC.md';
const WIDTH = 80;

/** Reads a repository: `{ rules, tests, findings }`, where `tests` maps a rule's id to what names it. */
export function inspectRules(root) {
  const rules = readRules(root);
  const tests = new Map(rules.map(({ id }) => [id, []]));
  const findings = [];
  if (rules.length === 0) findings.push(`${SPEC}: no rules found`);
  for (const { id, line } of duplicates(rules)) findings.push(`${SPEC}:${line} ${id} is defined twice`);
  for (const test of readTests(root)) {
    for (const id of citedIds(test.name)) {
      if (tests.has(id)) tests.get(id).push(test);
      else findings.push(`${test.file}:${test.line} names ${id}, which ${SPEC} does not have`);
    }
  }
  for (const { id, later, line } of rules) {
    if (!later && tests.get(id).length === 0) findings.push(`${SPEC}:${line} ${id} is due and no test names it`);
  }
  return { rules, tests, findings };
}

function readRules(root) {
  const path = join(root, SPEC);
  return existsSync(path) ? parseSpec(readFileSync(path, 'utf8')) : [];
}

const duplicates = (rules) => rules.filter((rule, index) => rules.findIndex(({ id }) => id === rule.id) < index);

/** One block a rule: its id, then each file with the names of its tests. */
export function formatRules({ rules, tests }) {
  const lines = [];
  for (const { id, later } of rules) {
    const naming = tests.get(id);
    lines.push(naming.length > 0 ? id : `${id}  ${later ? 'later' : 'NO TEST'}`);
    let file;
    for (const test of naming) {
      if (test.file !== file) lines.push(cut(`  ${test.file}`));
      file = test.file;
      lines.push(cut(`    ${test.name.replaceAll('\u0000', '…').replaceAll(/\s+/g, ' ')}`));
    }
  }
  return lines;
}

const cut = (line) => ([...line].length <= WIDTH ? line : `${[...line].slice(0, WIDTH - 1).join('')}…`);

function summary({ rules, tests }) {
  const due = rules.filter(({ later }) => !later);
  const tested = due.filter(({ id }) => tests.get(id).length > 0);
  return `${rules.length} rules: ${due.length} due, ${tested.length} of them tested; ${rules.length - due.length} later`;
}

function main(root) {
  const result = inspectRules(root);
  const lines = [...formatRules(result), '', summary(result), ...result.findings];
  process.stdout.write(`${lines.join('\n')}\n`);
  process.exitCode = result.findings.length > 0 ? 1 : 0;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) main(process.argv[2] ?? fileURLToPath(new URL('..', import.meta.url)));
