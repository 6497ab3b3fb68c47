/**
 * The parts that `createServer` puts together, for those who put them together in another way: simulations, and tests of whole
 * servers. Nothing here is promised to stay as it is.
 */
export { createLocalBus } from './bus/local/local-bus.js';
export type { Bus, BusMessage } from './bus/port.js';
export type { Caller } from './domain/caller.js';
export { decide } from './domain/decide.js';
export { decideMark } from './domain/receipts/apply-mark.js';
export { executeOperation } from './domain/operations.js';
export { factView } from './domain/views.js';
export { defaultFeedBounds } from './gateway/feed.js';
export { defaultGatewayBounds } from './gateway/gateway-parts.js';
export { Ring } from './gateway/ring.js';
export type { HttpRequest, HttpResponse, Socket, StartTransport, Transport, TransportHandlers, UpgradeAnswer } from './gateway/transport-port.js';
export type { Cancel, Clock } from './runtime/clock.js';
export { silentLog, type Log } from './runtime/log.js';
export { createMetrics } from './runtime/metrics.js';
export { createIdSource, type Random } from './runtime/random.js';
export { assemble, type RunningServer, type ServerParts } from './server.js';
export type { AppendOutcome, Command } from './storage/command.js';
export type { BatchEntry, BatchOutcome } from './storage/group-commit.js';
export { Lane } from './storage/lane.js';
export { serveMemory, type CommitBatch } from './storage/memory/driver.js';
export { createMemoryStore, type MemoryStore } from './storage/memory/store.js';
export type { Rules, Storage } from './storage/port.js';
export type { EntryRow, EventRow } from './storage/rows.js';
export { UnitOfWork } from './storage/unit-of-work.js';
export { Topics } from './transport/topics.js';
export { createMaintenance } from './workers/maintenance.js';
