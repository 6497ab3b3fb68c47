import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { listedCases, testedCases } from '../lib/bad-cases.mjs';

const root = fileURLToPath(new URL('../../', import.meta.url));

it('every case of bad input that is listed has a test, and every tested one is listed', () => {
  const listed = listedCases(root);
  expect(new Set(listed).size).toBe(listed.length);
  expect([...listed].sort()).toEqual(testedCases(root));
});
