export { startNats, startsOwnNats, type NatsOptions, type NatsServer } from './nats.js';
export { startPostgres, startsOwnPostgres, type PostgresOptions, type PostgresServer } from './postgres.js';
export type { KeptProcess } from './keeper.js';
