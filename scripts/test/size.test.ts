import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { makeTree, runScript } from './fixture.js';

const sdk = (exports: object) => ({ name: '@talaria/sdk', version: '0.0.0', type: 'module', exports });
const main = { '.': { browser: './dist/browser.js', default: './dist/index.js' }, './identity': './dist/identity.js', './live': './dist/live.js', './calls': './dist/calls.js', './indexeddb': './dist/indexeddb.js', './state': './dist/state.js', './views': './dist/views.js', './react': './dist/react.js' };
const beside = { 'packages/sdk/dist/calls.js': 'export const small = 1;\n', 'packages/sdk/dist/identity.js': 'export const small = 1;\n', 'packages/sdk/dist/indexeddb.js': 'export const small = 1;\n', 'packages/sdk/dist/live.js': 'export const small = 1;\n', 'packages/sdk/dist/state.js': 'export const small = 1;\n', 'packages/sdk/dist/views.js': 'export const small = 1;\n', 'packages/sdk/dist/react.js': 'export const small = 1;\n' };
/** A module whose text does not compress. */
const noise = (bytes: number) => `export const noise = '${randomBytes(bytes).toString('base64')}';\n`;

function size(files: Record<string, string | object>) {
  const root = makeTree(files);
  const { code, lines } = runScript('size.mjs', ['--root', root, '--json', join(root, 'size.json')]);
  return { code, lines, json: () => JSON.parse(readFileSync(join(root, 'size.json'), 'utf8')) as unknown };
}

it('measures the browser build and accepts it below its budget', () => {
  const { code, lines, json } = size({
    ...beside,
    'packages/sdk/package.json': sdk(main),
    'packages/sdk/dist/browser.js': 'export const hello = 1;\n',
    'packages/sdk/dist/index.js': noise(40_000),
  });
  expect(code).toBe(0);
  expect(lines[0]).toMatch(/^entry +min +gzip +budget$/);
  expect(json()).toEqual([
    { entry: '@talaria/sdk', min_bytes: expect.any(Number), gzip_bytes: expect.any(Number), budget_bytes: 20_480 },
    { entry: '@talaria/sdk/identity', min_bytes: expect.any(Number), gzip_bytes: expect.any(Number), budget_bytes: 3_072 },
    { entry: '@talaria/sdk/live', min_bytes: expect.any(Number), gzip_bytes: expect.any(Number), budget_bytes: 3_072 },
    { entry: '@talaria/sdk/calls', min_bytes: expect.any(Number), gzip_bytes: expect.any(Number), budget_bytes: 6_144 },
    { entry: '@talaria/sdk/state', min_bytes: expect.any(Number), gzip_bytes: expect.any(Number), budget_bytes: 5_120 },
    { entry: '@talaria/sdk/indexeddb', min_bytes: expect.any(Number), gzip_bytes: expect.any(Number), budget_bytes: 5_120 },
    { entry: '@talaria/sdk/views beside state and live', min_bytes: expect.any(Number), gzip_bytes: expect.any(Number), budget_bytes: 12_288 },
    { entry: '@talaria/sdk/react beside react and views', min_bytes: expect.any(Number), gzip_bytes: expect.any(Number), budget_bytes: 4_096 },
  ]);
});

it('fails above the budget', () => {
  const { code, lines } = size({ ...beside, 'packages/sdk/package.json': sdk(main), 'packages/sdk/dist/browser.js': noise(40_000) });
  expect(code).toBe(1);
  expect(lines.at(-1)).toMatch(/^@talaria\/sdk is [\d,]+ bytes over its budget$/);
});

it('does not measure what whoever loads an entry has once', () => {
  const { code, json } = size({
    ...beside, 'packages/sdk/package.json': sdk(main), 'packages/sdk/dist/browser.js': 'export const hello = 1;\n',
    'packages/sdk/dist/views.js': noise(40_000), 'packages/sdk/dist/react.js': "export { useState } from 'react';\nexport { noise } from './views.js';\n",
  });
  // The views are over their budget, and the hooks over them are not.
  expect(code).toBe(1);
  expect((json() as { readonly entry: string; readonly gzip_bytes: number }[]).find(({ entry }) => entry.includes('/react'))!.gzip_bytes).toBeLessThan(1_000);
});

it('fails when something of Node reaches the browser', () => {
  const { code, lines } = size({ ...beside, 'packages/sdk/package.json': sdk(main), 'packages/sdk/dist/browser.js': "export * from 'node:fs';\n" });
  expect(code).toBe(1);
  expect(lines.at(-1)).toContain('node:fs');
});

it('fails on an entry that has no budget, but not on one for backends', () => {
  const files = { ...beside, 'packages/sdk/dist/browser.js': 'export const hello = 1;\n' };
  const admin = size({ ...files, 'packages/sdk/package.json': sdk({ ...main, './admin': './dist/admin.js' }) });
  expect(admin.code).toBe(0);
  const other = size({ ...files, 'packages/sdk/package.json': sdk({ ...main, './more': './dist/react.js' }) });
  expect([other.code, other.lines.at(-1)]).toEqual([1, './more has no budget in scripts/size.mjs']);
});

it('fails before a build', () => {
  const { code, lines } = size({ 'packages/sdk/package.json': sdk(main) });
  expect([code, lines.at(-1)]).toEqual([1, 'size: packages/sdk is not built: run npm run build']);
});
