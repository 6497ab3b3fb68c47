import { fileURLToPath } from 'node:url';
import { defineConfig, type Options } from 'tsup';

/** The protocol is no package of its own for whoever installs the SDK, and nor is the codec: both are built in. */
const BUILT_IN = [/^@talaria\/protocol/, 'pbf'];

const protocolTypes = (name: string): string => fileURLToPath(new URL(`../protocol/dist/${name}.d.ts`, import.meta.url));

const shared: Options = {
  format: ['esm', 'cjs'],
  target: 'es2022',
  noExternal: BUILT_IN,
  sourcemap: true,
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
      // What is found by its name is left as an import; what is found by its place is built in.
      paths: { '@talaria/protocol': [protocolTypes('index')], '@talaria/protocol/codec': [protocolTypes('codec/binary')] },
    },
  },
};

export default defineConfig([
  { ...shared, entry: { index: 'src/index.ts' }, platform: 'browser', splitting: false },
  { ...shared, entry: { node: 'src/node.ts', admin: 'src/admin/index.ts' }, platform: 'node', external: ['ws'] },
]);
