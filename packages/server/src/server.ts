/** Puts the parts together, whatever their drivers: run, drain, stop. */
import type { ServerCodec } from '@talaria/protocol';
import { limits } from '@talaria/protocol';
import { hostname } from 'node:os';
import type { Bus } from './bus/port.js';
import { createKeyDirectory } from './domain/auth/key-directory.js';
import { createIssuerKeys } from './domain/auth/issuer-keys.js';
import { createKeyring } from './domain/auth/keyring.js';
import { createTokenVerifier } from './domain/auth/user-tokens.js';
import { createCounts } from './domain/counts.js';
import type { Domain } from './domain/domain.js';
import { createPasswordHasher, type PasswordHash } from './domain/identity/password-hasher.js';
import { Traces } from './domain/insight/traces.js';
import { createAddressGate } from './domain/limits/address-gate.js';
import { createCommandLimits, type LimitRates } from './domain/limits/command-limits.js';
import type { Rate } from './domain/limits/token-bucket.js';
import { createAppDirectory } from './domain/tenancy/app-directory.js';
import type { FeedBounds } from './gateway/feed.js';
import type { GatewayBounds } from './gateway/gateway-parts.js';
import { createGateway } from './gateway/gateway.js';
import type { StartTransport, Transport } from './gateway/transport-port.js';
import { createHttp } from './http/http.js';
import type { Clock } from './runtime/clock.js';
import type { Log } from './runtime/log.js';
import { keepLines, LogLines } from './runtime/log-lines.js';
import { measureLoopLag } from './runtime/loop-lag.js';
import type { Metrics } from './runtime/metrics.js';
import { createIdSource, type Random } from './runtime/random.js';
import type { SafeFetch } from './runtime/safe-fetch.js';
import type { Storage } from './storage/port.js';
import type { Replica } from './storage/replica.js';
import type { TenantDatabases } from './storage/routed/tenant-databases.js';
import { createAsking } from './workers/asking.js';
import { createMaintenance } from './workers/maintenance.js';
import { createPresence } from './workers/presence.js';
import { createNodeAnswers, type ShownSetting } from './workers/node-answers.js';
import { createObserver, type Disk } from './workers/observer.js';
import { createNodeRegistry } from './workers/nodes.js';
import { registerMetrics } from './server-metrics.js';
import { createConsumers } from './workers/consumers.js';
import { shareLimits } from './workers/shared-limits.js';

export interface ServerParts {
  readonly storage: Storage;
  /** Databases that tenants have of their own; the storage finds each app's by itself. */
  readonly databases?: TenantDatabases;
  readonly replica?: Replica;
  readonly bus: Bus;
  readonly startTransport: StartTransport;
  readonly codecs: readonly ServerCodec[];
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  /** The lines that the log has kept; without it, the server keeps its own. */
  readonly lines?: LogLines;
  /** What the node runs with, for operators. */
  readonly settings?: readonly ShownSetting[];
  /** How full the disk of the data directory is. */
  readonly disk?: () => Promise<Disk>;
  readonly metrics: Metrics;
  /** The installation's secret, at least 32 bytes. */
  readonly secret: Uint8Array;
  readonly host: string;
  readonly port: number;
  /** Which of several nodes that listen on the port; none when it is this node's alone. */
  readonly worker?: number;
  /** Where this node alone answers, besides. */
  readonly ownPort?: number;
  readonly trustProxy: readonly string[];
  readonly passwordHash: PasswordHash;
  /** Asks issuers of apps for their keys. */
  readonly issuerFetch: SafeFetch;
  /** Asks pages that messages link to; without it there are no previews. */
  readonly previewFetch?: SafeFetch;
  readonly limitRates: LimitRates;
  readonly addressRate: Rate;
  readonly gatewayBounds: GatewayBounds;
  readonly feedBounds: FeedBounds;
  /** Whether messages are indexed, and can be searched. */
  readonly search: boolean;
  readonly version: string;
  /** The folder of the documentation as a site; it may lack one. */
  readonly documentation?: string;
  /** The folder of the built dashboard; it may lack one. */
  readonly dashboard?: string;
}

export interface RunningServer {
  /** Where it listens. */
  readonly url: string;
  readonly port: number;
  readonly transport: string;
  /** The node's id, as `cluster.get` has it. */
  readonly node: string;
  /** For whoever embeds the server: operations without a socket. */
  readonly domain: Domain;
  /** CLU4: answers every command that was read, moves the clients within the window, then stops. */
  drain(windowMs: number): Promise<void>;
  /** Stops at once; what was acked is kept. */
  stop(): Promise<void>;
}

/** Addresses that stand for all of a machine's. */
const WILDCARDS: ReadonlySet<string> = new Set(['0.0.0.0', '::']);
const BODY_BYTES_MAX = 262_144;
const BUFFERED_BYTES_MAX = 8 * 1_048_576;
const REQUEST_TIMEOUT_MS = 10_000;
const DRAIN_CHECK_MS = 20;

/** @throws Error when the port is taken or the store cannot be read */
export async function assemble(parts: ServerParts): Promise<RunningServer> {
  const { storage, databases, replica, bus, clock, random } = parts;
  const lines = parts.lines ?? new LogLines(clock);
  const log = parts.lines ? parts.log : keepLines(parts.log, lines);
  const keyring = createKeyring(parts.secret, random);
  const ids = createIdSource(() => clock.now(), random);
  const info = await storage.info();
  const startedMs = clock.monotonic();
  const node = { id: ids.uuid(), startedMs: clock.now(), host: WILDCARDS.has(parts.host) ? hostname() : parts.host };
  let transport: Transport | undefined;
  let draining = false;

  const presence = createPresence({ storage, bus, clock, log, node: node.id, place: `${hostname()}:${parts.port}/${parts.worker ?? 0}` });
  const domain: Domain = {
    storage, databases, bus, clock, random, ids, keyring, log,
    ...(replica ? { openLagging: () => replica.open() } : {}),
    apps: createAppDirectory(storage, keyring, clock),
    keys: createKeyDirectory(storage, clock),
    tokens: createTokenVerifier(createIssuerKeys(parts.issuerFetch, clock, log), clock, log),
    passwords: createPasswordHasher(parts.passwordHash),
    presence, search: parts.search, limits: createCommandLimits(parts.limitRates, clock), counts: createCounts(), traces: new Traces(clock, node.id),
    ask: (id, input, app, only) => asking.ask(id, input, app, only),
    status() {
      const stats = gateway.stats();
      return Promise.resolve({
        version: parts.version, epoch: info.epoch, transport: transport?.name ?? '', storage: storage.driver, uptime_s: Math.floor((clock.monotonic() - startedMs) / 1_000),
        connections: stats.connections, followed_streams: stats.followedStreams, position: stats.position, ready: ready(), memory_bytes: process.memoryUsage.rss(),
      });
    },
    nodes: () => registry.list().map((one) => ({
      id: one.id, version: one.version, host: one.host, port: one.port, this_node: one.id === node.id, started_ms: one.startedMs, ready: one.ready, bus: one.bus,
      connections: one.connections, followed_streams: one.followedStreams, memory_bytes: one.memoryBytes, lag_ms: one.lagMs, heard_ms_ago: one.heardMsAgo,
    })),
  };
  const registry = createNodeRegistry(bus, clock, log, node.id, () => {
    const { connections, followedStreams, lagMs } = gateway.stats();
    return {
      ...node, version: parts.version, port: parts.ownPort ?? transport?.port ?? parts.port, ready: ready(), bus: bus.alive(), connections, followedStreams, lagMs,
      memoryBytes: process.memoryUsage.rss(),
    };
  });
  const ready = (): boolean => !draining && storage.ready();
  await domain.apps.warm();
  const gate = createAddressGate(parts.addressRate, parts.trustProxy, clock);
  const gateway = createGateway({
    domain, gate, codecs: parts.codecs, epoch: info.epoch, place: info, bounds: parts.gatewayBounds, feedBounds: parts.feedBounds, node: node.id,
    publish: (topic, bytes, binary) => transport?.publish(topic, bytes, binary),
  });
  const http = createHttp({ domain, metrics: parts.metrics, gate, version: parts.version, ready, documentation: parts.documentation, dashboard: parts.dashboard });
  const consumers = createConsumers(domain, clock, log, node.id, parts.search, parts.previewFetch);
  const maintenance = createMaintenance(storage, bus, clock, log, databases);
  const observer = createObserver({
    storage, clock, log, counts: domain.counts, ready, connections: () => gateway.stats().connections, memoryBytes: () => process.memoryUsage.rss(), loopLag: measureLoopLag(),
    searchLagMs: parts.search ? () => consumers.search().lagMs : undefined, disk: parts.disk,
  });
  const asking = createAsking({
    bus, clock, log, node: node.id, nodes: () => registry.list().map(({ id }) => id),
    answerers: { ...gateway.answers, ...createNodeAnswers({ node: node.id, lines, settings: parts.settings ?? [], stats: observer.stats, traces: domain.traces, troubles: () => consumers.troubles() }) },
  });
  const stopMeasuring = registerMetrics(parts.metrics, domain, { gateway, replica, search: () => consumers.search(), previews: () => consumers.previews(), connectedUsers: () => presence.counts().here, uptimeSeconds: () => (clock.monotonic() - startedMs) / 1_000 });

  transport = await parts.startTransport({
    host: parts.host, port: parts.port, ...(parts.worker !== undefined ? { shared: true } : {}), ...(parts.ownPort === undefined ? {} : { ownPort: parts.ownPort }),
    bounds: { frame_bytes_max: limits.frame_bytes_max, body_bytes_max: BODY_BYTES_MAX, buffered_bytes_max: BUFFERED_BYTES_MAX, request_timeout_ms: REQUEST_TIMEOUT_MS },
  }, { ...gateway.handlers, ...http });
  gateway.run();
  registry.run();
  asking.run();
  observer.run();
  const stopSharing = shareLimits(bus, clock, node.id, { ...domain.limits.buckets, address: gate.buckets }, () => registry.others());
  presence.run();
  consumers.run();
  maintenance.run();
  log.info('node.started', { node: node.id, version: parts.version, transport: transport.name, port: transport.port });
  const { port, name } = transport;
  const running = transport;

  async function stop(): Promise<void> {
    draining = true;
    running.stopListening();
    await Promise.all([consumers.stop(), maintenance.stop(), observer.stop()]);
    stopSharing();
    asking.stop();
    registry.stop();
    gateway.stop();
    await running.close();
    await presence.stop();
    stopMeasuring();
    await replica?.stop();
    await storage.stop();
    await bus.stop();
  }

  return {
    url: `http://${parts.host.includes(':') ? `[${parts.host}]` : parts.host}:${port}`, port, transport: name, node: node.id, domain, stop,
    async drain(windowMs) {
      draining = true;
      running.stopListening();
      gateway.drain(windowMs);
      const untilMs = clock.monotonic() + windowMs;
      while (clock.monotonic() < untilMs && (gateway.stats().connections > 0 || !gateway.idle())) {
        await new Promise<void>((resolve) => void clock.after(DRAIN_CHECK_MS, resolve));
      }
      await stop();
    },
  };
}
