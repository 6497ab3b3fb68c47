export { createAuthority, type Authority, type Certificate } from './certificates.js';
export { startNats, type NatsOptions, type NatsServer } from './nats.js';
export { startPostgres, type PostgresOptions, type PostgresServer } from './postgres.js';
export type { PostgresReplica } from './replica.js';
export type { KeptProcess } from './keeper.js';
