import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { defineConfig, type Options } from 'tsup';
import { withoutUnused } from './build/unused.js';

/** The protocol is no package of its own for whoever installs the SDK, and nor is the codec: both are built in. */
const BUILT_IN = [/^@talaria\/protocol/, 'pbf'];

const protocolTypes = (name: string): string => fileURLToPath(new URL(`../protocol/dist/${name}.d.ts`, import.meta.url));

/** The protocol's errors without their table: see the file. What comes to import more than that from there fails the build. */
const slimErrors: NonNullable<Options['esbuildPlugins']>[number] = {
  name: 'slim-errors',
  setup(build) {
    const path = fileURLToPath(new URL('src/protocol-error.ts', import.meta.url));
    build.onResolve({ filter: /\/errors\.js$/ }, ({ importer }) => (/protocol[\\/]dist[\\/](?!index\.js$)/.test(importer) ? { path } : undefined));
  },
};

const protocolCode = (name: string): string => readFileSync(new URL(`../protocol/dist/${name}.js`, import.meta.url), 'utf8');

/** The codec's library without what no message of ours needs, which is a half of it. */
const slimCodec: typeof slimErrors = {
  name: 'slim-codec',
  setup(build) {
    build.onLoad({ filter: /[\\/]pbf[\\/]index\.js$/ }, ({ path }) => ({
      contents: withoutUnused(readFileSync(path, 'utf8'), ['generated/wire', 'codec/binary', 'codec/exact-text'].map(protocolCode)),
    }));
  },
};

/** Entries that entries are made of: what they share must be there once, so it is imported from where it is published. */
const BESIDE = /^\.\.\/(state|live|views)\/index\.js$/;

const besides: NonNullable<Options['esbuildPlugins']>[number] = {
  name: 'besides',
  setup(build) {
    const extension = build.initialOptions.format === 'cjs' ? 'cjs' : 'js';
    build.onResolve({ filter: BESIDE }, ({ path }) => ({ path: `./${BESIDE.exec(path)![1]}.${extension}`, external: true }));
  },
};

const shared: Options = {
  format: ['esm', 'cjs'],
  target: 'es2022',
  noExternal: BUILT_IN,
  esbuildPlugins: [slimErrors, slimCodec],
  // The code is not minified: stack traces name functions and lines of files that are in the package. Maps to sources that are not
  // would make it five times as large.
  sourcemap: false,
  // The errors of `.` and `./admin` are of one class, in both formats.
  splitting: true,
  silent: true,
  esbuildOptions(options) {
    options.chunkNames = 'shared';
    options.legalComments = 'inline';
  },
  removeNodeProtocol: false,
  dts: {
    compilerOptions: {
      // tsup sets baseUrl, which TypeScript 6 calls deprecated; a composite project has no bundled declarations.
      ignoreDeprecations: '6.0', composite: false, incremental: false,
      // Only `connect` makes clients: their constructors, and with them everything inside, are not published.
      stripInternal: true, declarationMap: false,
      // What is found by its name is left as an import; what is found by its place is built in.
      paths: { '@talaria/protocol': [protocolTypes('index')], '@talaria/protocol/codec': [protocolTypes('codec/binary')], '@talaria/protocol/types': [protocolTypes('generated/types')], '@talaria/protocol/state': [protocolTypes('state/index')] },
    },
  },
};

const entries = { index: 'src/index.ts', identity: 'src/identity/index.ts', state: 'src/state/index.ts', live: 'src/live/index.ts', views: 'src/views/index.ts', react: 'src/react/index.ts', calls: 'src/calling/index.ts', indexeddb: 'src/indexeddb/index.ts', node: 'src/node.ts', admin: 'src/admin/index.ts' };
const { dts, ...code } = shared;

export default defineConfig([
  { ...code, entry: { index: entries.index }, platform: 'browser', splitting: false },
  // Small, and beside the client: an app with users of its own, or with views of its own, does not load them.
  { ...code, entry: { identity: entries.identity }, platform: 'browser', splitting: false },
  { ...code, entry: { state: entries.state }, platform: 'browser', splitting: false },
  { ...code, entry: { live: entries.live }, platform: 'browser', splitting: false },
  { ...code, entry: { calls: entries.calls }, platform: 'browser', splitting: false },
  { ...code, entry: { indexeddb: entries.indexeddb }, platform: 'browser', splitting: false },
  { ...code, entry: { views: entries.views }, platform: 'browser', splitting: false, esbuildPlugins: [slimErrors, besides] },
  // Rendered on servers, too, but run with what only the browser has: whoever renders components there must be told.
  { ...code, entry: { react: entries.react }, platform: 'browser', splitting: false, esbuildPlugins: [slimErrors, besides], external: ['react'], banner: { js: "'use client';" } },
  { ...code, entry: { node: entries.node, admin: entries.admin }, platform: 'node', external: ['ws'] },
  // Types cost nothing where they are used: what entries have in common is declared once.
  { ...shared, entry: entries, dts: { ...(typeof dts === 'object' ? dts : {}), only: true } },
]);
