/** Makes one file of each page's program, with the SDK in it. */
import { build } from 'esbuild';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

for (const name of ['widget', 'agent']) {
  const outfile = here(`public/${name}.js`);
  await build({
    entryPoints: [here(`${name}/main.js`)], outfile, bundle: true, minify: true, platform: 'browser', target: 'es2022', legalComments: 'none', logLevel: 'warning',
    // A classic script: only such a one finds its own tag, with the attributes.
    format: 'iife',
  });
  const bytes = readFileSync(outfile);
  process.stdout.write(`${name}.js: ${(bytes.length / 1_000).toFixed(1)} KB, ${(gzipSync(bytes, { level: 9 }).length / 1_000).toFixed(1)} KB gzip\n`);
}
