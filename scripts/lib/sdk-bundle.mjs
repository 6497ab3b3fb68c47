// Bundles packages/sdk for publishing, when something it is made of has changed since the last time.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const SDK = join(ROOT, 'packages/sdk');
const MARK = join(SDK, 'dist/tsc/bundled');
/** What the bundle is made of. The compiled protocol stands for its sources. */
const PARTS = ['packages/sdk/src', 'packages/sdk/package.json', 'packages/sdk/tsconfig.json', 'packages/sdk/tsup.config.ts', 'packages/protocol/dist', 'package-lock.json'];
const COUNTED = /\.(?:ts|js|json)$/;

/** @returns whether anything was to do. Call it when tsc has compiled the package. */
export function bundleSdk() {
  const hash = hashOf(PARTS);
  if (existsSync(MARK) && readFileSync(MARK, 'utf8') === hash && existsSync(join(SDK, 'dist/index.js'))) return false;
  for (const entry of readdirSync(join(SDK, 'dist'), { withFileTypes: true })) {
    if (entry.isFile()) rmSync(join(SDK, 'dist', entry.name));
  }
  const require = createRequire(import.meta.url);
  const tsup = join(dirname(require.resolve('tsup/package.json')), 'dist/cli-default.js');
  execFileSync(process.execPath, [tsup], { cwd: SDK, stdio: 'inherit' });
  writeFileSync(MARK, hash);
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
