// Builds the dashboard into the server package, when something it is made of has changed. Needs the compiled protocol.
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';
import { gzipFiles } from '../../scripts/lib/gzip-files.mjs';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const OUT = join(ROOT, 'packages/server/dist/dashboard');
const MARK = join(ROOT, 'packages/dashboard/dist/built');
const PARTS = ['src', 'public', 'index.html', 'vite.config.mjs', 'build.mjs', 'package.json', 'tsconfig.json'].map((name) => `packages/dashboard/${name}`);
/** The compiled protocol stands for its sources. */
const SHARED_PARTS = ['packages/protocol/dist', 'package-lock.json'];

const hash = inputsHash();
if (!existsSync(MARK) || readFileSync(MARK, 'utf8') !== hash || !existsSync(join(OUT, 'index.html'))) {
  rmSync(MARK, { force: true });
  await build({ configFile: join(ROOT, 'packages/dashboard/vite.config.mjs') });
  gzipFiles(OUT);
  mkdirSync(join(MARK, '..'), { recursive: true });
  writeFileSync(MARK, hash);
}

function inputsHash() {
  const sum = createHash('sha256');
  for (const file of [...PARTS, ...SHARED_PARTS].flatMap(filesOf).toSorted()) sum.update(`${file}\0`).update(readFileSync(join(ROOT, file)));
  return sum.digest('hex');
}

function filesOf(part) {
  const path = join(ROOT, part);
  if (statSync(path).isFile()) return [part];
  return readdirSync(path, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile() && !/\.(?:map|tsbuildinfo)$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name).slice(ROOT.length));
}
