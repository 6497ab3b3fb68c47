import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['packages/*/test/**/*.test.ts', 'e2e/test/**/*.test.ts', 'demo/test/**/*.test.ts', 'bench/test/**/*.test.ts', 'chaos/test/**/*.test.ts', 'fuzz/test/**/*.test.ts', 'services/test/**/*.test.ts', 'site/test/**/*.test.ts', 'simulation/test/**/*.test.ts', 'examples/*/test/**/*.test.ts', 'deploy/test/**/*.test.ts', 'scripts/test/**/*.test.ts'],
    setupFiles: ['scripts/lib/property-seed.mjs'],
    // An open uWebSockets.js app in a worker thread aborts the process, so tests run in child processes.
    pool: 'forks',
    // One a core: left to itself, vitest keeps a core for a watcher that is not there.
    maxWorkers: '100%',
    testTimeout: 30_000,
    // What starts a database or a browser has limits of its own that are shorter, and say what was waited for.
    hookTimeout: 120_000,
  },
});
