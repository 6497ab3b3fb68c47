/** Nodes of one installation in this process, on a real Postgres, and tenants with databases of their own. */
import type { OperationId, OperationOutput } from '@talaria/protocol/operations';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Caller } from '../../src/domain/caller.js';
import { executeOperation } from '../../src/domain/operations.js';
import { createServer, type NatsChoice, type RunningServer, type ServerOptions } from '../../src/main.js';
import { Lane } from '../../src/storage/lane.js';
import { RawClient } from '../gateway/raw-client.js';

const ADMIN: Caller = { kind: 'admin', keyId: 'k_00000000000000000000000000' };

export interface TenantApp {
  readonly tenant: string;
  readonly app: string;
  readonly publicKey: string;
  readonly backend: Caller;
}

export interface Installation {
  readonly secret: Uint8Array;
  /** Another node. */
  node(options?: Partial<ServerOptions>): Promise<RunningServer>;
  admin<Id extends OperationId>(node: RunningServer, id: Id, input: Record<string, unknown>): Promise<OperationOutput<Id>>;
  as<Id extends OperationId>(node: RunningServer, caller: Caller, id: Id, input: Record<string, unknown>): Promise<OperationOutput<Id>>;
  /** A tenant with an app. @param databaseUrl its own database, if it has one */
  tenant(node: RunningServer, databaseUrl?: string): Promise<TenantApp>;
  app(node: RunningServer, tenant: string): Promise<TenantApp>;
  /** A connected user. */
  client(node: RunningServer, app: TenantApp, name: string): Promise<{ readonly client: RawClient; readonly id: string; readonly caller: Caller; readonly token: string }>;
  connect(node: RunningServer, app: TenantApp): Promise<RawClient>;
  stop(): Promise<void>;
}

export function createInstallation(directoryUrl: string, nats?: NatsChoice): Installation {
  const secret = randomBytes(32);
  const nodes: RunningServer[] = [];
  const clients: RawClient[] = [];
  const folders: string[] = [];
  const run = async <Id extends OperationId>(node: RunningServer, caller: Caller, id: Id, input: Record<string, unknown>): Promise<OperationOutput<Id>> =>
    await executeOperation(node.domain, caller, id, input, { clientId: node.domain.ids.uuid(), traceId: null, lane: new Lane() }) as OperationOutput<Id>;
  const self: Installation = {
    secret,
    async node(options = {}) {
      const data = mkdtempSync(join(tmpdir(), 'talaria-tenants-'));
      folders.push(data);
      const made = await createServer({ data, port: 0, secret, database: { url: directoryUrl }, ...(nats ? { nats } : {}), ...options });
      // Twice is once.
      let stopped: Promise<void> | undefined;
      const node = { ...made, stop: () => (stopped ??= made.stop()) };
      nodes.push(node);
      return node;
    },
    admin: (node, id, input) => run(node, ADMIN, id, input),
    as: run,
    async tenant(node, databaseUrl) {
      const { id } = await self.admin(node, 'tenants.create', { name: 'tenant', ...(databaseUrl === undefined ? {} : { database_url: databaseUrl }) });
      return self.app(node, id);
    },
    async app(node, tenant) {
      const app = await self.admin(node, 'apps.create', { tenant_id: tenant, name: 'app' });
      const key = await self.admin(node, 'keys.create', { app_id: app.id });
      return { tenant, app: app.id, publicKey: app.public_key, backend: { kind: 'backend', app: app.id, keyId: key.id, scopes: key.scopes } };
    },
    async client(node, app, name) {
      const { user_id: id, token } = await run(node, app.backend, 'auth.token', { external_id: name });
      const client = await self.connect(node, app);
      await client.hello(token);
      return { client, id, token, caller: { kind: 'user', app: app.app, userId: id } };
    },
    async connect(node, app) {
      const client = await RawClient.open(`${node.url.replace('http', 'ws')}/v1/socket/${app.publicKey}`);
      clients.push(client);
      return client;
    },
    async stop() {
      for (const client of clients) client.destroy();
      await Promise.all(nodes.map((node) => node.stop()));
      for (const folder of folders) rmSync(folder, { recursive: true, force: true });
    },
  };
  return self;
}
