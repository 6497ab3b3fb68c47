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
function nextNode(first: Started, args: readonly string[] = [], at = env): Promise<Started> {
  const data = tempDirectory();
  copyFileSync(join(first.data, 'secrets.json'), join(data, 'secrets.json'));
  return startServer(data, args, { env: at });
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
    const { migrations: { length: all }, pending } = await json<{ migrations: unknown[]; pending: number }>(['migrate', 'status', '--data', data], at);
    expect([pending, all > 0]).toEqual([all, true]);
    expect(await json(['migrate', 'up', '--data', data], at)).toMatchObject({ applied: all });
    expect((await run(['doctor', '--data', data, '--port', '0'], at)).stdout).toContain('It answers and is up to date.');
    expect(await json(['migrate', 'down', '--to', '0', '--yes', '--data', data], at)).toMatchObject({ taken_back: all });
    expect(await json(['migrate', 'status', '--data', data], at)).toMatchObject({ pending: all });
    const { code, line } = await failing(['migrate', 'status', '--data', data], { env: { TALARIA_DATABASE_URL: 'postgres://ann:hunter2@127.0.0.1:1/none' } });
    expect([code, line]).toEqual([1, expect.stringContaining('postgres://127.0.0.1:1/none cannot be used')]);
    expect(line).not.toContain('hunter2');
  });
});

describe('limits of a cluster', { timeout: 60_000 }, () => {
  it('[FLW2] hold for all nodes together', async () => {
    const at = { TALARIA_DATABASE_URL: await postgres.createDatabase(), TALARIA_NATS_URL: nats.url };
    // So slow that nothing comes back during the test.
    const args = ['--limit-user-per-s', '1', '--limit-user-burst', '200'];
    const first = await startServer(tempDirectory(), args, { env: at });
    const second = await nextNode(first, args, at);
    const app = await json<App>(['app', 'create', 'chat', '--with-key'], { env: { TALARIA_URL: first.url, TALARIA_KEY_FILE: join(first.data, 'admin-key') } });
    const { token } = await json<{ token: string }>(['token', 'mint', 'ann'], { env: { TALARIA_URL: first.url, TALARIA_KEY: app.key.secret } });
    const ask = (node: Started): Promise<Response> => fetch(`${node.url}/v1/users/me`, { headers: { authorization: `Bearer ${token}` } });
    const remaining = async (node: Started): Promise<number> => Number(/r=(\d+)/.exec((await ask(node)).headers.get('ratelimit') ?? '')?.[1]);

    expect(await remaining(second)).toBe(199);
    await Promise.all(Array.from({ length: 150 }, () => ask(first)));
    // 150 were taken there; what the second gives out itself is counted. Alone, it would never come here: at 1 a second only more comes back.
    for (let own = 2; await remaining(second) + own > 100; own += 1) await new Promise((resolve) => setTimeout(resolve, 50));
    // What the first gives out to the end, the second has no more: alone it would have had enough for the whole test.
    while ((await ask(first)).status !== 429);
    let asked = 0;
    for (; asked < 100 && (await ask(second)).status !== 429; asked += 1) await new Promise((resolve) => setTimeout(resolve, 50));
    expect(asked).toBeLessThan(100);
    await Promise.all([first.stop(), second.stop()]);
  });
});

describe('presence in a cluster', { timeout: 60_000 }, () => {
  it('[CLU2] is the same on both nodes, and ends with a node that is killed, within its expiry', async () => {
    const at = { TALARIA_DATABASE_URL: await postgres.createDatabase(), TALARIA_NATS_URL: nats.url };
    const first = await startServer(tempDirectory(), [], { env: at });
    const second = await nextNode(first, [], at);
    const app = await json<App>(['app', 'create', 'chat', '--with-key'], { env: { TALARIA_URL: first.url, TALARIA_KEY_FILE: join(first.data, 'admin-key') } });
    const onNode = async (name: string, node: Started): Promise<Client> => {
      const { token } = await json<{ token: string }>(['token', 'mint', name], { env: { TALARIA_URL: node.url, TALARIA_KEY: app.key.secret } });
      const client = connect({ url: node.url, app: app.public_key, token });
      await client.ready();
      return client;
    };
    type Item = { readonly online: boolean; readonly devices: number; readonly last_seen_ms: number | null };
    const asked = async (node: Started): Promise<readonly Item[]> => {
      const reply = await fetch(`${node.url}/v1/users/presence`, {
        method: 'POST', headers: { authorization: `Bearer ${app.key.secret}`, 'content-type': 'application/json' }, body: JSON.stringify({ user_ids: ['ext:ann', 'ext:ben'] }),
      });
      return ((await reply.json()) as { items: readonly Item[] }).items;
    };
    const until = async (node: Started, online: readonly boolean[]): Promise<void> => {
      while ((await asked(node)).map((item) => item.online).join() !== online.join()) await new Promise((resolve) => setTimeout(resolve, 20));
    };

    const onlineMs = Date.now();
    const [ann, ben] = [await onNode('ann', first), await onNode('ben', second)];
    for (const node of [first, second]) await until(node, [true, true]);
    const shown = await run(['user', 'presence', 'ann', 'ben', 'nobody'], { env: { TALARIA_URL: second.url, TALARIA_KEY: app.key.secret } });
    expect(shown.stdout.split('\n').filter((line) => line.includes(' online '))).toHaveLength(2);

    first.process.kill('SIGKILL');
    await ann.close();
    await until(second, [false, true]);
    // Nobody but the survivor can have written it. How soon is held by the tests of presence, on a clock of theirs.
    let seenMs: number | null = null;
    while (seenMs === null) seenMs = (await asked(second))[0]!.last_seen_ms;
    expect(seenMs).toBeGreaterThan(onlineMs);
    expect(seenMs).toBeLessThanOrEqual(Date.now());

    const again = await startServer(first.data, [], { env: at });
    await until(again, [false, true]);
    const back = await onNode('ann', again);
    await until(second, [true, true]);
    // A node that stops in order takes its users with it at once.
    await back.close();
    await again.stop();
    await until(second, [false, true]);
    await ben.close();
    await second.stop();
  });
});
