// The dashboard as static files, for the server package to ship.
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';

export default defineConfig({
  root: fileURLToPath(new URL('.', import.meta.url)),
  base: '/dashboard/',
  logLevel: 'warn',
  build: {
    outDir: fileURLToPath(new URL('../server/dist/dashboard', import.meta.url)), emptyOutDir: true, target: 'es2022',
    // The policy of the page lets nothing stand in it, also no file as an address.
    assetsInlineLimit: 0, modulePreload: { polyfill: false },
  },
});
