export { createAuthority, type Authority, type Certificate } from './certificates.js';
export { errorsOf, startChromium, type BrowserContext, type CDPSession, type Chromium, type ChromiumOptions, type Locator, type OpenPage, type Page } from './chromium.js';
export { buildExample, startDevServer, startProgram, stopProgram, type DevServer, type Running } from './example.js';
export { unpackedPackage, unpackedProgram } from './debian.js';
export { startNats, startsOwnNats, type NatsOptions, type NatsServer } from './nats.js';
export { startPostgres, startsOwnPostgres, type PostgresOptions, type PostgresServer } from './postgres.js';
export type { PostgresReplica } from './replica.js';
export type { KeptProcess } from './keeper.js';
