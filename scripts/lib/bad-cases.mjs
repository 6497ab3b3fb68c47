// The cases of bad input: those that docs/bad-input.md lists, and those that tests name, as `[BAD http.json-depth]`.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readTests } from './read-tests.mjs';
import { UNKNOWN } from './test-names.mjs';

const PAGE = 'docs/bad-input.md';

/** The cases of the page, in its order. */
export const listedCases = (root) => [...readFileSync(join(root, PAGE), 'utf8').matchAll(/^\| `([\w.-]+)` \|/gm)].map((match) => match[1]);

/** The cases that live tests name, sorted. A name that only a run can tell is left out. */
export function testedCases(root) {
  const cases = readTests(root).flatMap(({ name }) => [...name.matchAll(/\[([^\]]*)\]/g)].flatMap((match) => match[1].split(',')))
    .flatMap((part) => /^BAD ([\w.-]+)$/.exec(part.trim())?.[1] ?? []).filter((name) => !name.includes(UNKNOWN));
  return [...new Set(cases)].sort();
}
