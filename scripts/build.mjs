// Builds every package: TypeScript project references first, then what has a bundle of its own.
import { execFileSync } from 'node:child_process';
import { existsSync, cpSync } from 'node:fs';
import { bundleDatabaseThread, bundleSdk } from './lib/bundle.mjs';

const run = (command, args, options = {}) => execFileSync(command, args, { stdio: 'inherit', ...options });
const compile = (...projects) => run('node', ['node_modules/typescript/bin/tsc', '-b', ...projects]);

// The generated codec is plain JavaScript beside its types; tsc does not copy it.
if (existsSync('packages/protocol/src/generated')) {
  cpSync('packages/protocol/src/generated', 'packages/protocol/dist/generated', { recursive: true });
}
// Whoever imports the SDK gets its bundle and the bundle's types, so these come before the rest.
compile('packages/sdk');
bundleSdk();
compile('tsconfig.json');
bundleDatabaseThread();
