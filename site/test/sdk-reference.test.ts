/** The reference of the SDK: everything that it exports is said something about, and stands on its page. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { DeclarationReflection } from 'typedoc';
import { readSdk, sdkEntries, sdkReference } from '../lib/sdk-reference.mjs';

const root = fileURLToPath(new URL('../../', import.meta.url));
const workshop = mkdtempSync(join(root, 'site/.samples-'));
let exported: readonly { readonly entry: string; readonly name: string; readonly said: boolean }[] = [];

beforeAll(async () => {
  const { project } = await readSdk(root, workshop);
  const said = (one: DeclarationReflection): boolean => one.hasComment() || (one.signatures ?? []).some((signature) => signature.hasComment());
  exported = (project.children ?? []).flatMap((entry) => (entry.children ?? []).map((one) => ({ entry: entry.name, name: one.name, said: said(one) || one.isReference() })));
}, 60_000);
afterAll(() => rmSync(workshop, { recursive: true }));

it('has every entry of the package', () => {
  const { exports } = JSON.parse(readFileSync(join(root, 'packages/sdk/package.json'), 'utf8')) as { readonly exports: Readonly<Record<string, unknown>> };
  const paths = Object.entries(exports).filter(([, target]) => typeof target === 'object').map(([path]) => `@talaria/sdk${path.slice(1)}`);
  expect(sdkEntries(root).map(({ name }) => name).filter((name) => !name.includes(' '))).toEqual(paths);
  expect(new Set(exported.map(({ entry }) => entry)).size).toBe(paths.length + 1);
});

it('every export has a comment that says what it is', () => {
  expect(exported.length).toBeGreaterThan(200);
  expect(exported.filter(({ said }) => !said).map(({ entry, name }) => `${entry}: ${name}`), 'Write a doc comment above each').toEqual([]);
});

it('every export stands on the page of its entry', async () => {
  const pages = await sdkReference(root, workshop);
  expect(pages.size).toBe(sdkEntries(root).length);
  const missing = sdkEntries(root).flatMap(({ module, page, name }) => {
    const text = pages.get(`reference/sdk/${page}`) ?? '';
    expect(text, page).toMatch(new RegExp(`^# ${name}\n`));
    // Functions have brackets behind their name.
    return exported.filter((one) => one.entry === module && !new RegExp(`^### (?:~~)?${one.name}(?:\\(\\))?(?:~~)?$`, 'm').test(text)).map((one) => `${page}: ${one.name}`);
  });
  expect(missing).toEqual([]);
  expect(readdirSync(workshop).filter((name) => name.startsWith('typedoc-'))).toEqual([]);
}, 60_000);
