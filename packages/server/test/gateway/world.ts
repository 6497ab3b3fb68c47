/** A whole server in this process, on a real database and real sockets, with every port open to wrapping. */
import type { ServerCodec } from '@talaria/protocol';
import { createServerCodec } from '@talaria/protocol/codec';
import { createJsonServerCodec } from '@talaria/protocol/codec-json';
import type { OperationId, OperationInput, OperationOutput } from '@talaria/protocol/operations';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLocalBus } from '../../src/bus/local/local-bus.js';
import type { Bus } from '../../src/bus/port.js';
import type { Caller } from '../../src/domain/caller.js';
import type { LimitRates } from '../../src/domain/limits/command-limits.js';
import type { Rate } from '../../src/domain/limits/token-bucket.js';
import type { PasswordHash } from '../../src/domain/identity/password-hasher.js';
import { executeOperation } from '../../src/domain/operations.js';
import { defaultFeedBounds, type FeedBounds } from '../../src/gateway/feed.js';
import { defaultGatewayBounds, type GatewayBounds } from '../../src/gateway/gateway-parts.js';
import type { Socket, StartTransport } from '../../src/gateway/transport-port.js';
import { argon2id } from '../../src/runtime/argon2.js';
import { systemClock, type Clock } from '../../src/runtime/clock.js';
import { silentLog, type Log } from '../../src/runtime/log.js';
import { createMetrics } from '../../src/runtime/metrics.js';
import { systemRandom } from '../../src/runtime/random.js';
import { createSafeFetch, systemResolve, type SafeFetch } from '../../src/runtime/safe-fetch.js';
import { assemble, type RunningServer } from '../../src/server.js';
import { Lane } from '../../src/storage/lane.js';
import type { Storage } from '../../src/storage/port.js';
import { openSqlite } from '../../src/storage/sqlite/driver.js';
import { loadUws } from '../../src/transport/uws-binding.js';
import { createUwsTransport } from '../../src/transport/uws.js';
import { createNodeTransport } from '../../src/transport/node.js';
import { RawClient } from './raw-client.js';

export interface WorldOptions {
  readonly wrapStorage?: (storage: Storage) => Storage;
  readonly wrapBus?: (bus: Bus) => Bus;
  readonly wrapCodec?: (codec: ServerCodec) => ServerCodec;
  readonly wrapTransport?: (start: StartTransport) => StartTransport;
  readonly clock?: Clock;
  readonly log?: Log;
  /** Limits are off unless they are given. */
  readonly limitRates?: Partial<LimitRates>;
  readonly addressRate?: Rate;
  readonly trustProxy?: readonly string[];
  readonly passwordHash?: PasswordHash;
  /** Issuers of this machine are reached unless it is given. */
  readonly issuerFetch?: SafeFetch;
  /** Asks pages that messages link to; nobody does unless it is given. */
  readonly previewFetch?: SafeFetch;
  readonly gatewayBounds?: Partial<GatewayBounds>;
  readonly feedBounds?: Partial<FeedBounds>;
  readonly transport?: 'uws' | 'ws';
  readonly directory?: string;
  readonly search?: boolean;
  /** A folder with a built site. */
  readonly documentation?: string;
  /** Called with every socket that opens. */
  readonly onSocket?: (socket: Socket) => void;
}

export interface App {
  readonly id: string;
  readonly publicKey: string;
  readonly backend: Caller;
  readonly keyId: string;
  /** The whole key, as HTTP takes it. */
  readonly key: string;
  /** For user tokens that a test signs itself. */
  readonly signingSecret: string;
}

const OFF = { per_s: 0, burst: 1 };
const ADMIN: Caller = { kind: 'admin', keyId: 'k_00000000000000000000000000' };

export interface World {
  readonly server: RunningServer;
  readonly directory: string;
  op<Id extends OperationId>(caller: Caller, id: Id, input: Record<string, unknown>): Promise<OperationOutput<Id>>;
  app(): Promise<App>;
  /** A user and a token. */
  user(app: App, externalId: string): Promise<{ id: string; token: string; caller: Caller }>;
  /** A connected and welcomed client. */
  client(app: Pick<App, 'publicKey'>, token: string, hello?: Parameters<RawClient['hello']>[1]): Promise<RawClient>;
  socket(app: Pick<App, 'publicKey'>, protocol?: string): Promise<RawClient>;
  stop(): Promise<void>;
}

export async function startWorld(options: WorldOptions = {}): Promise<World> {
  const directory = options.directory ?? mkdtempSync(join(tmpdir(), 'talaria-gateway-'));
  const storage = await openSqlite({
    path: join(directory, 'talaria.db'), durability: 'durable', workerUrl: new URL('../../dist/sqlite-worker.js', import.meta.url),
    migrationsUrl: new URL('../../sql/sqlite/', import.meta.url),
  });
  const uws = options.transport === 'ws' ? undefined : loadUws();
  const wrap = options.wrapCodec ?? ((codec: ServerCodec) => codec);
  const random = systemRandom();
  const start = watched(uws?.ok ? createUwsTransport(uws.uws) : createNodeTransport(), options.onSocket);
  const server = await assemble({
    storage: options.wrapStorage?.(storage) ?? storage, bus: options.wrapBus?.(createLocalBus()) ?? createLocalBus(),
    startTransport: options.wrapTransport?.(start) ?? start, codecs: [wrap(createServerCodec()), wrap(createJsonServerCodec())],
    clock: options.clock ?? systemClock(), random, log: options.log ?? silentLog(), metrics: createMetrics(), secret: new Uint8Array(32).fill(7), host: '127.0.0.1', port: 0, trustProxy: options.trustProxy ?? [],
    passwordHash: options.passwordHash ?? argon2id, issuerFetch: options.issuerFetch ?? createSafeFetch({ clock: options.clock ?? systemClock(), resolve: systemResolve, loopback: true }),
    ...(options.previewFetch ? { previewFetch: options.previewFetch } : {}),
    limitRates: { user: OFF, conversation: OFF, app: OFF, ...options.limitRates }, addressRate: options.addressRate ?? OFF, search: options.search ?? true, version: 'test',
    ...(options.documentation === undefined ? {} : { documentation: options.documentation }),
    // A test's own load must not look like a client that went away.
    gatewayBounds: { ...defaultGatewayBounds, missed_pongs_max: 1_000, ...options.gatewayBounds }, feedBounds: { ...defaultFeedBounds, ...options.feedBounds },
  });
  const clients: RawClient[] = [];
  const meta = () => ({ clientId: server.domain.ids.uuid(), traceId: null, lane: new Lane() });
  const world: World = {
    server, directory,
    op: async (caller, id, input) => await executeOperation(server.domain, caller, id, input, meta()) as OperationOutput<typeof id>,
    async app() {
      const tenant = await world.op(ADMIN, 'tenants.create', { name: 'tenant' });
      const app = await world.op(ADMIN, 'apps.create', { tenant_id: tenant.id, name: 'app' });
      const key = await world.op(ADMIN, 'keys.create', { app_id: app.id });
      return { id: app.id, publicKey: app.public_key, keyId: key.id, key: key.secret, signingSecret: app.signing_secret, backend: { kind: 'backend', app: app.id, keyId: key.id, scopes: key.scopes } };
    },
    async user(app, externalId) {
      const minted = await world.op(app.backend, 'auth.token', { external_id: externalId } satisfies Partial<OperationInput<'auth.token'>>);
      return { id: minted.user_id, token: minted.token, caller: { kind: 'user', app: app.id, userId: minted.user_id } };
    },
    async client(app, token, hello) {
      const client = await world.socket(app);
      await client.hello(token, hello);
      return client;
    },
    async socket(app, protocol) {
      const client = await RawClient.open(`${server.url.replace('http', 'ws')}/v1/socket/${app.publicKey}`, protocol);
      clients.push(client);
      return client;
    },
    async stop() {
      for (const client of clients) client.destroy();
      await server.stop();
      if (!options.directory) rmSync(directory, { recursive: true, force: true });
    },
  };
  return world;
}

function watched(start: StartTransport, onSocket: (socket: Socket) => void = () => undefined): StartTransport {
  return (listen, handlers) => start(listen, {
    ...handlers,
    open(connection, socket) {
      onSocket(socket);
      handlers.open(connection, socket);
    },
  });
}

/** The operator, for what only an admin key may do. */
export const admin = ADMIN;
