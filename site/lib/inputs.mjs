// What the site is made of, as one hash: a build whose inputs are as they were has nothing to do.
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { sitePages } from './pages.mjs';

const PARTS = ['docs', 'site/.vitepress/config.mjs', 'site/.vitepress/theme', 'site/lib', 'site/home.md', 'site/build.mjs', 'site/package.json', 'packages/protocol/wire.proto', 'packages/protocol/asyncapi.yaml', 'packages/sdk/package.json', 'package-lock.json'];

export function inputsHash(root) {
  const declarations = readdirSync(join(root, 'packages/sdk/dist')).filter((name) => name.endsWith('.d.ts')).map((name) => `packages/sdk/dist/${name}`);
  const files = new Set([...PARTS.flatMap((part) => filesOf(root, part)), ...sitePages(root).map(({ from }) => from), ...declarations]);
  const hash = createHash('sha256');
  for (const file of [...files].toSorted()) hash.update(`${file}\0`).update(readFileSync(join(root, file)));
  return hash.digest('hex');
}

function filesOf(root, part) {
  const path = join(root, part);
  if (!existsSync(path)) return [];
  if (statSync(path).isFile()) return [part];
  return readdirSync(path, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name).slice(root.length).replace(/^\//, ''));
}
