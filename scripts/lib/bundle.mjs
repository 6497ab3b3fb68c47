// Bundles what is published as bundles, when something it is made of has changed since the last time.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
/** The compiled protocol stands for its sources. */
const SHARED_PARTS = ['packages/protocol/dist', 'package-lock.json'];
const OWN_PARTS = ['src', 'build', 'package.json', 'tsconfig.json', 'tsup.config.ts'];
const COUNTED = /\.(?:ts|js|json)$/;

/** The whole SDK. Call it when tsc has compiled the package. @returns whether anything was to do */
export function bundleSdk() {
  return bundle('packages/sdk', 'dist/tsc/bundled', 'dist/index.js', (dist) => {
    for (const entry of readdirSync(dist, { withFileTypes: true })) if (entry.isFile()) rmSync(join(dist, entry.name));
  });
}

/** What a database thread of the server runs: two of them load it at each start, one file sooner than forty. @returns as above */
export function bundleDatabaseThread() {
  return bundle('packages/server', 'dist/bundled', 'dist/sqlite-worker.bundle.js', () => undefined);
}

function bundle(name, mark, result, prepare) {
  const folder = join(ROOT, name);
  const hash = hashOf([...OWN_PARTS.map((part) => `${name}/${part}`), ...SHARED_PARTS]);
  if (existsSync(join(folder, mark)) && readFileSync(join(folder, mark), 'utf8') === hash && existsSync(join(folder, result))) return false;
  prepare(join(folder, 'dist'));
  const require = createRequire(import.meta.url);
  const tsup = join(dirname(require.resolve('tsup/package.json')), 'dist/cli-default.js');
  execFileSync(process.execPath, [tsup], { cwd: folder, stdio: 'inherit' });
  writeFileSync(join(folder, mark), hash);
  return true;
}

function hashOf(parts) {
  const hash = createHash('sha256');
  for (const file of parts.flatMap(filesOf).sort()) hash.update(`${file}\0`).update(readFileSync(join(ROOT, file)));
  return hash.digest('hex');
}

function filesOf(part) {
  if (!existsSync(join(ROOT, part))) return [];
  if (COUNTED.test(part)) return [part];
  return readdirSync(join(ROOT, part), { recursive: true }).filter((name) => COUNTED.test(name)).map((name) => join(part, name));
}
