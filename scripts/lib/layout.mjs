// The order of packages and rooms, as data. Every package and room that is not named here is refused by check-imports.mjs.

/** Which of our packages each package may import, by folder name under packages/. */
export const PACKAGE_ORDER = {
  protocol: [],
  sdk: ['protocol'],
  server: ['protocol'],
  cli: ['server', 'sdk', 'protocol', 'checker', 'probe'],
  checker: ['protocol'],
  probe: ['sdk', 'protocol', 'checker'],
  dashboard: ['sdk', 'protocol'],
};

/** Folders outside packages/ whose code uses published entry points only. */
export const CONSUMERS = ['examples', 'demo', 'chaos'];

/** Files of packages/server/src that put drivers and everything else together. */
export const COMPOSITION_ROOTS = ['main.ts', 'databases.ts', 'tenant-databases.ts', 'sqlite-worker.ts', 'internals.ts'];

/** The rooms of packages/server/src from top to bottom. Those on one line may not import each other. */
export const ROOMS = [
  COMPOSITION_ROOTS,
  ['server.ts'],
  ['server-metrics.ts'],
  ['transport'],
  ['gateway'],
  ['http'],
  ['workers'],
  ['domain'],
  ['bus'],
  ['storage'],
  ['runtime'],
];

/** Drivers: a file or folder of this name, imported from inside itself and by the composition roots only. */
export const DRIVERS = ['storage/sqlite', 'storage/memory', 'storage/postgres', 'bus/local', 'bus/nats', 'transport'];

/** What transport may import besides itself: the port that gateway owns, and runtime. */
export const TRANSPORT_MAY_IMPORT = /^(?:gateway\/(?:[\w-]+-)?port\.ts|runtime\/)/;

/** The native socket library, under each of its names, and the files that may name it. */
export const NATIVE_TRANSPORT = /^(?:uWebSockets\.js|@uwsjs\/.+)$/;
export const NATIVE_TRANSPORT_HOME = /^packages\/server\/src\/transport\/uws[^/]*(?:\/.+)?$/;

export const MAX_LINES = 500;
export const GENERATED = /(?:^|\/)generated\//;
