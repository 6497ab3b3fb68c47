// A real server with an app, two users, and a proxy before it whose connections can be cut.
import { connectAdmin } from '@talaria/sdk/admin';
import { createServer, ensureAdminKey } from '@talaria/server';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer as createHttp } from 'node:http';
import { connect, createServer as createTcp } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const listen = async (server) => {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return `http://127.0.0.1:${server.address().port}`;
};

/** @returns what the suite needs of it, which is JSON, and how to stop it */
export async function startStage() {
  const data = mkdtempSync(join(tmpdir(), 'talaria-runtimes-'));
  const off = { per_s: 0, burst: 1 };
  const server = await createServer({ data, port: 0, limits: { user: off, conversation: off, app: off } });
  const { path } = await ensureAdminKey(server, data);
  const installation = connectAdmin({ url: server.url, key: readFileSync(path, 'utf8').trim() });
  const tenant = await installation.tenants.create({ name: 'runtimes' });
  const app = await installation.apps.create({ tenant_id: tenant.id, name: 'runtimes', identity: { guests: true } });
  const backend = connectAdmin({ url: server.url, key: (await installation.keys.create({ app_id: app.id })).secret });
  const tokenOf = async (external_id) => (await backend.auth.token({ external_id })).token;

  const sockets = new Set();
  const proxy = createTcp((near) => {
    const far = connect(server.port, '127.0.0.1');
    for (const socket of [near, far]) {
      sockets.add(socket);
      socket.on('error', () => undefined).on('close', () => {
        sockets.delete(socket);
        near.destroy();
        far.destroy();
      });
    }
    near.pipe(far).pipe(near);
  });
  const cut = () => {
    for (const socket of sockets) socket.destroy();
  };
  const control = createHttp((_request, response) => {
    cut();
    response.end();
  });
  const stage = { url: await listen(proxy), direct: server.url, app: app.public_key, tokens: { alice: await tokenOf('alice'), bob: await tokenOf('bob') }, control: await listen(control) };
  return {
    stage,
    async stop() {
      cut();
      proxy.close();
      control.closeAllConnections();
      control.close();
      await server.stop();
      rmSync(data, { recursive: true });
    },
  };
}
