/** Several nodes behind one port, as `start --workers` runs them: real processes on a real Postgres and NATS. */
import { connect, type Client } from '@talaria/sdk';
import { startNats, startPostgres, type NatsServer, type PostgresServer } from '@talaria/services';
import { existsSync, readdirSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { failing, json, launchRunning, run, startServer, tempDirectory, type Started } from './support/cli.js';

const WORKERS = 3;
let postgres: PostgresServer;
let nats: NatsServer;
const clients: Client[] = [];

beforeAll(async () => {
  [postgres, nats] = await Promise.all([startPostgres(), startNats()]);
}, 60_000);
afterAll(async () => {
  await Promise.all(clients.map((client) => client.close()));
  await Promise.all([postgres.stop(), nats.stop()]);
});

const environment = async (): Promise<Record<string, string>> => ({ TALARIA_DATABASE_URL: await postgres.createDatabase(), TALARIA_NATS_URL: nats.url });
const until = async (what: () => boolean | Promise<boolean>): Promise<void> => {
  while (!(await what())) await new Promise((resolve) => setTimeout(resolve, 10));
};

interface Node { readonly id: string; readonly port: number; readonly connections: number; readonly this_node: boolean }
interface Worker { readonly worker: number; readonly pid: number; readonly node: string }

/** Ports in a row that nobody listens on. */
async function freeRow(length: number): Promise<number> {
  for (;;) {
    const first = 20_000 + Math.floor(Math.random() * 10_000);
    const free = await Promise.all(Array.from({ length }, (_, at) => new Promise<boolean>((resolve) => {
      const server = createServer().once('error', () => resolve(false));
      server.listen({ host: '127.0.0.1', port: first + at, exclusive: true }, () => server.close(() => resolve(true)));
    })));
    if (free.every(Boolean)) return first;
  }
}

describe.each(['uws', 'ws'] as const)('workers with the transport %s', { timeout: 90_000 }, (transport) => {
  let server: Started;
  let workers: readonly Worker[];
  let ownPort: number;
  let app: { readonly public_key: string; readonly key: { readonly secret: string } };
  let asAdmin: Record<string, string>;

  beforeAll(async () => {
    ownPort = await freeRow(WORKERS);
    const args = ['--workers', String(WORKERS), '--worker-port', String(ownPort), '--transport', transport, '--drain-ms', '2000'];
    server = await startServer(tempDirectory(), args, { env: await environment() });
    workers = server.screen['workers'] as Worker[];
    asAdmin = { TALARIA_URL: server.url, TALARIA_KEY_FILE: join(server.data, 'admin-key') };
    app = await json(['app', 'create', 'chat', '--with-key'], { env: asAdmin });
  }, 60_000);

  it('prints one way into the dashboard, which every node knows', async () => {
    const link = server.screen['dashboard_link'] as string;
    expect(link).toMatch(/\/dashboard\/#link=[\w-]{43}$/);
    for (let at = 0; at < WORKERS; at += 1) {
      const response = await fetch(`http://127.0.0.1:${ownPort + at}/v1/session/link`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ link: link.split('#link=')[1] }) });
      expect(await response.json()).toMatchObject({ role: 'owner', login: null });
    }
  });

  async function user(name: string, url = server.url): Promise<Client> {
    const { token } = await json<{ token: string }>(['token', 'mint', name], { env: { TALARIA_URL: server.url, TALARIA_KEY: app.key.secret } });
    const client = connect({ url, app: app.public_key, token });
    clients.push(client);
    await client.ready();
    return client;
  }

  /** As a client that the test keeps on one worker finds it. */
  const urlOf = (worker: number): string => `http://127.0.0.1:${ownPort + worker - 1}`;
  const nodes = async (): Promise<readonly Node[]> => (await json<{ nodes: Node[] }>(['cluster', 'status'], { env: asAdmin })).nodes;

  it('are nodes of their own behind one port, and share the data directory', async () => {
    expect(workers.map(({ worker }) => worker)).toEqual([1, 2, 3]);
    await until(async () => (await nodes()).length === WORKERS);
    expect(new Set((await nodes()).map(({ id }) => id))).toEqual(new Set(workers.map(({ node }) => node)));
    expect(new Set((await nodes()).map(({ port }) => port))).toEqual(new Set([ownPort, ownPort + 1, ownPort + 2]));
    expect(server.screen).toMatchObject({ transport, pid: server.process.pid, first_start: true });
    expect(readdirSync(server.data).sort()).toEqual(['admin-key', 'lock', 'secrets.json']);
    for (const { worker, node } of workers) {
      const line = server.text.err.split('\n').find((one) => one.includes('server.started') && one.includes(node));
      expect(JSON.parse(line!)).toMatchObject({ worker });
    }
  });

  it('get connections of the one port each', async () => {
    const sockets = await Promise.all(Array.from({ length: 60 }, (_, at) => at).map(async () => {
      const socket = new WebSocket(`${server.url.replace('http', 'ws')}/v1/socket/${app.public_key}`, 'talaria.v1');
      await new Promise((resolve, reject) => {
        socket.once('open', resolve).once('error', reject);
      });
      return socket;
    }));
    await until(async () => {
      const found = await nodes();
      return found.length === WORKERS && found.every(({ connections }) => connections > 0);
    });
    for (const socket of sockets) socket.close();
  });

  it('show their metrics each on a port of its own', async () => {
    const client = await user('metric', urlOf(2));
    const connections = async (worker: number): Promise<number> => Number(/^talaria_connections (\d+)$/m.exec(await (await fetch(`${urlOf(worker)}/metrics`)).text())?.[1]);
    await until(async () => (await connections(1)) === 0 && (await connections(2)) === 1 && (await connections(3)) === 0);
    await client.close();
  });

  it('[CLU1] bring a message from one to the other, also when one is killed, and start that again', async () => {
    const [ann, ben] = [await user('ann', urlOf(1)), await user('ben')];
    const heard: string[] = [];
    await ben.consume('inbox', (fact) => {
      if (fact.type === 'message.created') heard.push(String(fact.body['text']));
    });
    const chat = await ann.conversations.create({ members: ['ext:ben'] });
    const texts = Array.from({ length: 300 }, (_, at) => `hello ${at}`);
    const sent = texts.map((text) => chat.send(text).sent);
    await until(() => heard.length > 20);
    process.kill(workers[0]!.pid, 'SIGKILL');
    await Promise.all(sent);
    await until(() => heard.length >= texts.length);
    expect(heard).toEqual(texts);
    await server.logged('worker.ended');
    await until(async () => {
      const found = await nodes();
      return found.length === WORKERS && found.some(({ id, port }) => port === ownPort && id !== workers[0]!.node);
    });
  });

  it('[CLU4] stop in order together, with exit code 0 and nothing left behind', async () => {
    const { code, stderr, stdout } = await server.stop();
    expect(code).toBe(0);
    const events = stderr.trim().split('\n').map((line) => JSON.parse(line) as { event: string; worker?: number });
    expect(events.filter(({ event, worker }) => event === 'server.stopped' && worker !== undefined).map(({ worker }) => worker).sort((left, right) => left! - right!)).toEqual([1, 2, 3]);
    expect(stdout.match(/"workers":/g)).toHaveLength(1);
    expect(readdirSync(server.data).sort()).toEqual(['admin-key', 'secrets.json']);
    for (const { pid } of workers) expect(() => process.kill(pid, 0)).toThrow('ESRCH');
  });
});

describe('workers', { timeout: 60_000 }, () => {
  it('need a database that nodes can share, and NATS', async () => {
    const data = tempDirectory();
    for (const env of [{}, { TALARIA_DATABASE_URL: await postgres.createDatabase() }]) {
      const { code, line } = await failing(['start', '--data', join(data, 'new'), '--port', '0', '--workers', '2'], { env });
      expect([code, line]).toEqual([2, "error: workers above 1 need database_url and nats_url: a database in a file is one node's. Set both, or start one worker."]);
    }
    expect(existsSync(join(data, 'new'))).toBe(false);
  });

  it('start all or none, with one line that says why', async () => {
    const env = await environment();
    const taken = createServer();
    const port = await new Promise<number>((resolve) => taken.listen(0, '127.0.0.1', () => resolve((taken.address() as { port: number }).port)));
    const data = tempDirectory();
    const shared = await failing(['start', '--data', data, '--port', String(port), '--workers', '2'], { env });
    expect([shared.code, shared.line]).toEqual([1, `error: port ${port} on 127.0.0.1 is in use. Choose another port with --port, or stop what uses it.`]);
    const own = await failing(['start', '--data', data, '--port', '0', '--workers', '2', '--worker-port', String(port - 1)], { env });
    expect(own.code).toBe(1);
    expect(own.line).toMatch(/^error: port \d+ on 127\.0\.0\.1 is in use\./);
    expect(readdirSync(data)).not.toContain('lock');
    await new Promise((resolve) => taken.close(resolve));
  });

  it('fill one screen of 80 columns, once', async () => {
    const cwd = tempDirectory();
    const running = launchRunning(['start', '--port', '0', '--workers', '2'], { cwd, env: await environment() });
    await running.printed('Ctrl-C');
    const [, url] = /URL +(\S+)/.exec(running.text.out)!;
    const env = { TALARIA_URL: url!, TALARIA_KEY_FILE: join(cwd, 'talaria-data', 'admin-key') };
    const status = async (): Promise<string> => (await run(['cluster', 'status'], { env })).stdout;
    await until(async () => /:\d+\/[0-9a-f]{4} .*\n.*:\d+\/[0-9a-f]{4} /.test(await status()));
    const { code, stdout } = await running.stop();
    expect(code).toBe(0);
    expect(stdout).toMatch(/Workers +2 nodes behind this port\n/);
    expect(stdout.split('\n').filter((line) => [...line].length > 80)).toEqual([expect.stringMatching(/^ {2}Dashboard .*\/dashboard\/#link=[\w-]{43}$/)]);
    expect(stdout.match(/#link=/g)).toHaveLength(1);
    expect(stdout.match(/is running/g)).toHaveLength(1);
  });

  it('[CLU4] stop in order when the process that started them is killed', async () => {
    const server = await startServer(tempDirectory(), ['--workers', '2', '--drain-ms', '500'], { env: await environment() });
    const pids = (server.screen['workers'] as Worker[]).map(({ pid }) => pid);
    server.process.kill('SIGKILL');
    const alive = (pid: number): boolean => {
      try {
        return process.kill(pid, 0);
      } catch {
        return false;
      }
    };
    await until(() => !pids.some(alive));
    await until(() => server.text.err.split('server.stopped').length === 3);
  });
});
