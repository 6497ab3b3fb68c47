/** A real server, a proxy that can cut and hold connections, and clients of the SDK. */
import { createServer, type RunningServer, type ServerOptions } from '@talaria/server';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect as connectSocket, createServer as createProxy, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { WebSocket } from 'ws';
import { executeOperation } from '../../../server/dist/domain/operations.js';
import { connect } from '../../src/node.js';
import type { Client } from '../../src/client.js';
import type { ConnectOptions } from '../../src/options.js';
import type { Runtime, SocketLike } from '../../src/runtime.js';

const OFF = { per_s: 0, burst: 1 };

export interface Proxy {
  readonly url: string;
  /** Ends every connection at once, whatever is on its way. */
  cut(): void;
  /** Keeps back what the server sends, until released. */
  hold(): void;
  release(): void;
  readonly connections: number;
  /** Pieces that the server has sent. */
  readonly pieces: number;
}

export interface Stage {
  readonly server: RunningServer;
  readonly proxy: Proxy;
  readonly app: string;
  /** The server's own address, past the proxy. */
  readonly direct: string;
  /** @param expires_in_s of the token; an hour */
  token(externalId: string, expires_in_s?: number): Promise<string>;
  client(externalId: string, options?: Partial<ConnectOptions>): Client;
  stop(): Promise<void>;
}

/** As the Node entry opens one. */
export const nodeSocket: Runtime['openSocket'] = (url, protocols) => new WebSocket(url, protocols, { perMessageDeflate: false }) as unknown as SocketLike;

async function startProxy(port: number): Promise<Proxy & { stop(): void }> {
  const pairs = new Set<readonly [Socket, Socket]>();
  let holding = false;
  let connections = 0;
  let pieces = 0;
  const server: Server = createProxy((near) => {
    const far = connectSocket(port, '127.0.0.1');
    const pair = [near, far] as const;
    connections += 1;
    pairs.add(pair);
    near.pipe(far);
    far.on('data', (chunk) => {
      pieces += 1;
      near.write(chunk);
    });
    if (holding) far.pause();
    const end = (): void => {
      pairs.delete(pair);
      near.destroy();
      far.destroy();
    };
    for (const socket of pair) socket.on('error', end).on('close', end);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  return {
    url: `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`,
    get connections() {
      return connections;
    },
    get pieces() {
      return pieces;
    },
    cut() {
      // Not resetAndDestroy: in Node 20 a socket that is shutting down at that moment stays open, and spins.
      for (const [near, far] of pairs) {
        near.destroy();
        far.destroy();
      }
    },
    hold() {
      holding = true;
      for (const [, far] of pairs) far.pause();
    },
    release() {
      holding = false;
      for (const [, far] of pairs) far.resume();
    },
    stop() {
      for (const [near, far] of pairs) {
        near.destroy();
        far.destroy();
      }
      server.close();
    },
  };
}

export async function setStage(options: Partial<ServerOptions> = {}): Promise<Stage> {
  const data = mkdtempSync(join(tmpdir(), 'talaria-sdk-'));
  const server = await createServer({ data, port: 0, limits: { user: OFF, conversation: OFF, app: OFF }, ...options });
  const proxy = await startProxy(server.port);
  const admin = { kind: 'admin', keyId: 'k_00000000000000000000000000' } as const;
  const tenant = await executeOperation(server.domain, admin, 'tenants.create', { name: 't' }, undefined) as { id: string };
  const app = await executeOperation(server.domain, admin, 'apps.create', { tenant_id: tenant.id, name: 'a' }, undefined) as { id: string; public_key: string };
  const key = await executeOperation(server.domain, admin, 'keys.create', { app_id: app.id }, undefined) as { id: string };
  const backend = { kind: 'backend', app: app.id, keyId: key.id, scopes: ['tokens:write'] } as const;
  const clients: Client[] = [];
  const stage: Stage = {
    server, proxy, app: app.public_key, direct: `http://127.0.0.1:${server.port}`,
    async token(externalId, expires_in_s) {
      const minted = await executeOperation(server.domain, backend, 'auth.token', { external_id: externalId, ...(expires_in_s === undefined ? {} : { expires_in_s }) }, undefined) as { token: string };
      return minted.token;
    },
    client(externalId, extra = {}) {
      const client = connect({ url: proxy.url, app: app.public_key, token: () => stage.token(externalId), ...extra });
      clients.push(client);
      return client;
    },
    async stop() {
      await Promise.all(clients.map((client) => client.close()));
      proxy.stop();
      await server.stop();
      rmSync(data, { recursive: true, force: true });
    },
  };
  return stage;
}

/** Resolves when the condition holds; looked at after every turn. The test's own timeout ends a wait that is in vain. */
export async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise<void>((resolve) => void setTimeout(resolve, 2));
}
