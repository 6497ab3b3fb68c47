/** Nodes as an operator runs them: processes of the command line tool on one Postgres and one NATS. */
import { connect, type Client } from '@talaria/sdk';
import { startNats, startPostgres, type NatsServer, type PostgresServer } from '@talaria/services';
import { copyFileSync, existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { failing, json, run, startServer, tempDirectory, type Started } from './support/cli.js';

let postgres: PostgresServer;
let nats: NatsServer;
let env: Record<string, string>;
beforeAll(async () => {
  [postgres, nats] = await Promise.all([startPostgres(), startNats()]);
  env = { TALARIA_DATABASE_URL: await postgres.createDatabase(), TALARIA_NATS_URL: nats.url };
});
afterAll(async () => {
  await Promise.all([postgres.stop(), nats.stop()]);
});

/** A node with the secret of the first. */
function nextNode(first: Started): Promise<Started> {
  const data = tempDirectory();
  copyFileSync(join(first.data, 'secrets.json'), join(data, 'secrets.json'));
  return startServer(data, [], { env });
}

interface App {
  readonly id: string;
  readonly public_key: string;
  readonly key: { readonly secret: string };
}

describe('a cluster', { timeout: 60_000 }, () => {
  let nodes: Started[];
  let app: App;
  let asAdmin: Record<string, string>;
  const clients: Client[] = [];

  beforeAll(async () => {
    const first = await startServer(tempDirectory(), [], { env });
    nodes = [first, await nextNode(first)];
    asAdmin = { TALARIA_URL: nodes[1]!.url, TALARIA_KEY_FILE: join(first.data, 'admin-key') };
    app = await json<App>(['app', 'create', 'chat', '--with-key'], { env: asAdmin });
  });
  afterAll(async () => {
    await Promise.all(clients.map((client) => client.close()));
    await Promise.all(nodes.map((node) => node.stop()));
  });

  async function user(name: string, node: Started): Promise<Client> {
    const { token } = await json<{ token: string }>(['token', 'mint', name], { env: { TALARIA_URL: node.url, TALARIA_KEY: app.key.secret } });
    const client = connect({ url: node.url, app: app.public_key, token });
    clients.push(client);
    await client.ready();
    return client;
  }

  it('[CLU1] brings a message from a client of one node to a client of the other', async () => {
    const [ann, ben] = [await user('ann', nodes[0]!), await user('ben', nodes[1]!)];
    const heard: string[] = [];
    await ben.consume('inbox', (fact) => {
      if (fact.type === 'message.created') heard.push(String(fact.body['text']));
    });
    const chat = await ann.conversations.create({ members: ['ext:ben'] });
    const texts = Array.from({ length: 50 }, (_, at) => `hello ${at}`);
    await Promise.all(texts.map((text) => chat.send(text).sent));
    while (heard.length < texts.length) await new Promise((resolve) => setTimeout(resolve, 5));
    expect(heard).toEqual(texts);
  });

  it('[RES6] closes the connections of a user on every node when their tokens are revoked on one', async () => {
    const carol = await user('carol', nodes[0]!);
    const refused = new Promise<string>((resolve) => {
      carol.on('status', (status) => {
        if (status.state === 'closed') resolve(status.error?.code ?? status.reason);
      });
    });
    await run(['user', 'revoke-tokens', 'ext:carol', '--yes'], { env: { TALARIA_URL: nodes[1]!.url, TALARIA_KEY: app.key.secret } });
    expect(await refused).toBe('revoked');
  });

  it('[CLU1] lists the nodes that a node hears of', async () => {
    let found: { readonly port: number; readonly this_node: boolean }[] = [];
    while (found.length < nodes.length) found = (await json<{ nodes: typeof found }>(['cluster', 'status'], { env: asAdmin })).nodes;
    expect(new Set(found.map(({ port }) => port))).toEqual(new Set(nodes.map(({ port }) => port)));
    expect(found.filter((node) => node.this_node)).toMatchObject([{ port: nodes[1]!.port, ready: true, bus: true }]);
    const { stdout } = await run(['cluster', 'status'], { env: asAdmin });
    expect(stdout.split('\n')[0]).toMatch(/^NODE +VERSION +UP +STATE +CONNECTIONS +LAG +MEMORY$/);
    expect(stdout).toContain(`127.0.0.1:${nodes[1]!.port} *`);
  });

  it('[CLU1] has the same secret on every node, and makes none beside it', async () => {
    const data = tempDirectory();
    const { code, line } = await failing(['start', '--data', data, '--port', '0'], { env });
    expect([code, line]).toEqual([1, expect.stringContaining('secret is missing: the database was made with one; set the same TALARIA_SECRET for every node')]);
    expect(existsSync(join(data, 'secrets.json'))).toBe(false);
    expect(line).not.toContain(new URL(env['TALARIA_DATABASE_URL']!).password);
  });

  it('needs a database that nodes can share', async () => {
    const { code, line } = await failing(['start', '--data', tempDirectory(), '--port', '0'], { env: { TALARIA_NATS_URL: nats.url } });
    expect([code, line]).toEqual([1, expect.stringContaining('nats_url needs database_url')]);
  });

  it('has its schema where its database is', async () => {
    const at = { env: { TALARIA_DATABASE_URL: await postgres.createDatabase() } };
    const data = tempDirectory();
    const { pending } = await json<{ readonly pending: number }>(['migrate', 'status', '--data', data], at);
    expect(pending).toBeGreaterThan(0);
    expect(await json(['migrate', 'up', '--data', data], at)).toMatchObject({ applied: pending });
    expect((await run(['doctor', '--data', data, '--port', '0'], at)).stdout).toContain('It answers and is up to date.');
    expect(await json(['migrate', 'down', '--to', '0', '--yes', '--data', data], at)).toMatchObject({ taken_back: pending });
    expect(await json(['migrate', 'status', '--data', data], at)).toMatchObject({ pending });
    const { code, line } = await failing(['migrate', 'status', '--data', data], { env: { TALARIA_DATABASE_URL: 'postgres://ann:hunter2@127.0.0.1:1/none' } });
    expect([code, line]).toEqual([1, expect.stringContaining('postgres://127.0.0.1:1/none cannot be used')]);
    expect(line).not.toContain('hunter2');
  });
});
