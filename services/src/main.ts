export { unpackedPackage } from './debian.js';
export { startNats, type NatsOptions, type NatsServer } from './nats.js';
export { startPostgres, type PostgresOptions, type PostgresServer } from './postgres.js';
export type { KeptProcess } from './keeper.js';
