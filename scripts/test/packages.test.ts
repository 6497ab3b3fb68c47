/** What each published package must bring along. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../../', import.meta.url));
const text = (path: string): string => readFileSync(join(root, path), 'utf8');

interface Manifest {
  readonly version: string;
  readonly license: string;
  readonly description: string;
  readonly engines: { readonly node: string };
  readonly dependencies?: Readonly<Record<string, string>>;
}

describe.each(['protocol', 'server', 'sdk', 'cli', 'checker', 'probe'])('packages/%s', (name) => {
  const manifest = JSON.parse(text(`packages/${name}/package.json`)) as Manifest;

  it('has the licence and a page of its own', () => {
    expect(text(`packages/${name}/LICENSE`)).toBe(text('LICENSE'));
    expect(manifest.license).toBe('Apache-2.0');
    expect(manifest.description).not.toBe('');
    expect(text(`packages/${name}/README.md`)).toContain('# ');
  });

  it('names exact versions, and the Node that it needs', () => {
    expect(Object.entries(manifest.dependencies ?? {}).filter(([, version]) => !/^\d+\.\d+\.\d+$/.test(version))).toEqual([]);
    expect(manifest.engines.node).toBe('>=20.19');
  });
});
