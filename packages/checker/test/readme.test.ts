import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { RULES } from '../src/rules.js';
import { entryFields } from '../src/schema.js';

const README = readFileSync(new URL('../README.md', import.meta.url), 'utf8');

/** The cells of the table rows that begin so. */
function rows(first: RegExp): string[][] {
  return README.split('\n').filter((line) => first.test(line)).map((line) => line.split('|').slice(1, -1).map((cell) => cell.trim()));
}

test('[H3] the README names every kind of line with its fields', () => {
  const documented = rows(/^\| `[a-z]{2,}` \|/).map(([kind, fields]) => [kind?.replaceAll('`', ''), (fields ?? '').split(' ').filter(Boolean).map((field) => field.replaceAll('`', ''))]);
  expect(documented).toEqual([...entryFields()]);
});

test('[H1] the README names every rule that is judged, and its file', () => {
  expect(rows(/^\| H\d+ \|/).map(([rule, file]) => [rule, file])).toEqual(Object.keys(RULES).map((rule) => [rule, `\`src/rules/${rule.toLowerCase()}.ts\``]));
});
