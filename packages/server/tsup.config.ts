import { defineConfig } from 'tsup';

/** One file for the database threads. Not minified: stack traces name functions. */
export default defineConfig({
  entry: { 'sqlite-worker.bundle': 'src/sqlite-worker.ts' },
  format: 'esm', target: 'es2022', platform: 'node', noExternal: [/^@talaria\/protocol/], sourcemap: false, splitting: false, silent: true, removeNodeProtocol: false,
});
