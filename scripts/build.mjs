// Builds every package: TypeScript project references first, then what has a bundle of its own.
import { execFileSync } from 'node:child_process';
import { existsSync, cpSync } from 'node:fs';

const run = (command, args, options = {}) => execFileSync(command, args, { stdio: 'inherit', ...options });

// The generated codec is plain JavaScript beside its types; tsc does not copy it.
if (existsSync('packages/protocol/src/generated')) {
  cpSync('packages/protocol/src/generated', 'packages/protocol/dist/generated', { recursive: true });
}
run('node', ['node_modules/typescript/bin/tsc', '-b', 'tsconfig.json']);
