import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { mutants } from '../src/mutants.js';

const page = readFileSync(new URL('../../docs/simulation.md', import.meta.url), 'utf8');

it('the page lists every mutant, and the rules that catch it', () => {
  const listed = page.split('| Mutant | Caught by |\n| --- | --- |\n')[1]?.split('\n\n')[0]?.split('\n');
  expect(listed).toEqual(mutants.map(({ name, rules }) => `| ${name} | ${rules.map((rule) => `\`${rule}\``).join(' or ')} |`));
});

it('there are at least twelve mutants, and no two of one name', () => {
  expect(new Set(mutants.map(({ name }) => name)).size).toBe(mutants.length);
  expect(mutants.length).toBeGreaterThanOrEqual(12);
});
