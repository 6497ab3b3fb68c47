// Builds every package: TypeScript project references first, then what has a bundle of its own, and at last the pages that the server ships.
import { execFileSync } from 'node:child_process';
import { existsSync, cpSync } from 'node:fs';
import { bundleDatabaseThread, bundleSdk } from './lib/bundle.mjs';

const run = (command, args, options = {}) => execFileSync(command, args, { stdio: 'inherit', ...options });
const compile = (...projects) => run('node', ['node_modules/typescript/bin/tsc', '-b', ...projects]);

// The generated codec is plain JavaScript beside its types; tsc does not copy it. What tsc compiles stays where it is: beside its
// own declarations it would be found in their place.
const GENERATED = 'packages/protocol/src/generated';
if (existsSync(GENERATED)) {
  cpSync(GENERATED, 'packages/protocol/dist/generated', { recursive: true, filter: (path) => path === GENERATED || /\.(?:js|d\.ts)$/.test(path) });
}
// Whoever imports the SDK gets its bundle and the bundle's types, so these come before the rest.
compile('packages/sdk');
bundleSdk();
compile('tsconfig.json');
bundleDatabaseThread();
run('node', ['packages/dashboard/build.mjs']);
// A process of its own: what it loads is large, and done with when the site stands.
run('node', ['site/build.mjs']);
