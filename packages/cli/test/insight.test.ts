/** What an operator sees on the command line, of one node and of two: processes on one Postgres and one NATS. */
import { connect, type Client } from '@talaria/sdk';
import { startNats, startPostgres, type NatsServer, type PostgresServer } from '@talaria/services';
import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { failing, json, launchRunning, run, startServer, tempDirectory, until, type RunOptions, type Started } from './support/cli.js';

interface App {
  readonly id: string;
  readonly public_key: string;
  readonly key: { readonly secret: string };
}
interface Page<Item> {
  readonly items: readonly Item[];
  readonly missing_nodes: readonly string[];
}
interface Connection {
  readonly id: string;
  readonly user_id: string;
  readonly node: string;
}
interface Way {
  readonly recorded: boolean;
  readonly steps: readonly { readonly step: string; readonly node: string; readonly at_ms: number }[];
  readonly writes: readonly { readonly user_id: string; readonly node: string; readonly how: string; readonly connection_id: string }[];
  readonly missing_nodes: readonly string[];
}

let clients: Client[] = [];
afterAll(() => Promise.all(clients.map((client) => client.close())));

async function user(name: string, node: Started, app: App): Promise<Client> {
  const { token } = await json<{ token: string }>(['token', 'mint', name], { env: { TALARIA_URL: node.url, TALARIA_KEY: app.key.secret } });
  const client = connect({ url: node.url, app: app.public_key, token });
  clients = [...clients, client];
  await client.ready();
  return client;
}

const tooLong = (text: string): readonly string[] => text.split('\n').filter((line) => [...line].length > 80);

describe('one node', { timeout: 60_000 }, () => {
  let server: Started;
  let app: App;
  let admin: RunOptions;
  let backend: RunOptions;

  beforeAll(async () => {
    server = await startServer(tempDirectory(), ['--heartbeat-ms', '20000']);
    admin = { env: { TALARIA_URL: server.url, TALARIA_KEY_FILE: join(server.data, 'admin-key') } };
    app = await json<App>(['app', 'create', 'chat', '--with-key'], admin);
    backend = { env: { TALARIA_URL: server.url, TALARIA_KEY: app.key.secret } };
  });
  afterAll(() => server.stop());

  it('shows every part in 80 columns, and as JSON', async () => {
    await user('ann', server, app);
    const [{ id }] = (await json<Page<Connection>>(['connections', 'list'], admin)).items as [Connection];
    const shown = async (args: readonly string[], as = admin): Promise<string> => {
      const { code, stdout, stderr } = await run(args, as);
      expect([code, tooLong(stdout)], `${args.join(' ')}: ${stderr}`).toEqual([0, []]);
      return stdout;
    };
    await until(() => json<{ times_ms: readonly number[] }>(['stats'], admin), ({ times_ms: times }) => times.length > 0);
    expect(await shown(['stats'])).toMatch(/^SERIES +NOW +MEAN +MOST +LAST 5 MIN\nconnections /);
    expect(await shown(['connections', 'list'])).toContain(id);
    expect(await shown(['connections', 'show', id], backend)).toMatch(/^Connection +n_[^]*STREAM +STATE +CURSOR +HEAD\nu_/);
    expect(await shown(['consumers'])).toMatch(/^CONSUMER [^]*\nusage /);
    expect(await shown(['settings'])).toMatch(/\nheartbeat_ms +20000 +--heartbeat-ms\n/);
    expect(await shown(['logs', '--event', 'node.'])).toMatch(/^\d\d:\d\d:\d\d\.\d{3} INFO +node\.started node=/);
    expect(await shown(['incidents'])).toMatch(/^EVENT +COUNT/);
    expect(await shown(['trace', 'list'])).toMatch(/^CONVERSATION/);
    const settings = await json<Page<{ name: string; value: string; source: string }>>(['settings'], admin);
    expect(settings.items.find(({ name }) => name === 'heartbeat_ms')).toMatchObject({ value: '20000', source: 'flag', from: '--heartbeat-ms' });
    expect(settings.items.find(({ name }) => name === 'secret')).toMatchObject({ value: '' });
  });

  it('shows the way of a message, asked for by its id alone', async () => {
    const ann = await user('ann', server, app);
    await json(['user', 'create', 'ben'], backend);
    const chat = await ann.conversations.create({ members: ['ext:ben'] });
    const early = await chat.send('before').sent;
    const plain = await run(['trace', early.id], backend);
    expect([plain.code, plain.stderr]).toEqual([0, expect.stringContaining(`talaria trace start ${chat.id}`)]);
    expect((await run(['trace', 'start', chat.id, '--for', '5m'], backend)).stdout).toContain('are recorded until');
    const sent = await chat.send('hello').sent;
    const { stdout } = await until(() => run(['trace', sent.id], backend), (one) => one.stdout.includes('published'));
    expect(tooLong(stdout)).toEqual([]);
    expect(stdout).toMatch(/^Message +m_[^]*AFTER +NODE +STEP\n *0\.00 ms +[0-9a-f]{8} +read\n[^]*committed, which took [\d.]+ ms[^]*published[^]*to n_/);
    expect((await failing(['trace', sent.id], admin)).line).toContain('Name the app.');
    expect(await json<Way>(['trace', sent.id, '--app', app.id], admin)).toMatchObject({ recorded: true });
    expect((await run(['trace', 'stop', chat.id], backend)).stdout).toContain('is recorded no more');
  });

  it('closes a connection so that the client comes back, and for good', async () => {
    const cleo = await user('cleo', server, app);
    const { user_id: id } = await json<{ user_id: string }>(['token', 'mint', 'cleo'], backend);
    const of = async (): Promise<readonly Connection[]> => (await json<Page<Connection>>(['connections', 'list', '--user', 'ext:cleo'], backend)).items;
    const [before] = await of();
    expect(before).toMatchObject({ user_id: id });
    await run(['connections', 'close', before!.id, '--reason', 'a test'], backend);
    const [again] = await until(of, (found) => found.length === 1 && found[0]!.id !== before!.id);
    const ended = new Promise<string>((resolve) => {
      cleo.on('status', (status) => {
        if (status.state === 'closed') resolve(status.error?.code ?? status.reason);
      });
    });
    await run(['connections', 'close', again!.id, '--final'], admin);
    expect(await ended).toBe('dismissed');
    expect(await of()).toEqual([]);
    expect((await failing(['connections', 'close', again!.id], admin)).line).toContain('There is no such connection.');
    const lines = (await json<Page<{ event: string; fields: object }>>(['logs', '--event', 'connection.'], admin)).items;
    expect(lines).toMatchObject([{ event: 'connection.dismissed', fields: { connection: before!.id, reason: 'a test', final: false } }, { fields: { connection: again!.id, final: true } }]);
  });

  it('follows the log, and the numbers', async () => {
    const following = launchRunning(['logs', '--follow', '--event', 'connection.', '-o', 'json'], admin);
    const watching = launchRunning(['stats', '--watch', '-o', 'json'], admin);
    await user('dan', server, app);
    const [one] = (await json<Page<Connection>>(['connections', 'list', '--user', 'ext:dan'], backend)).items;
    await run(['connections', 'close', one!.id], backend);
    await following.printed(one!.id);
    await watching.printed('"series"');
    const line = following.text.out.trim().split('\n').find((text) => text.includes(one!.id));
    expect(JSON.parse(line!)).toMatchObject({ event: 'connection.dismissed', fields: { connection: one!.id } });
    expect([(await following.stop()).code, (await watching.stop()).code]).toEqual([0, 0]);
  });
});

describe('two nodes', { timeout: 180_000 }, () => {
  let postgres: PostgresServer;
  let nats: NatsServer;
  let nodes: [Started, Started];
  let app: App;
  let admin: RunOptions;
  let backend: RunOptions;

  beforeAll(async () => {
    [postgres, nats] = await Promise.all([startPostgres(), startNats()]);
    const env = { TALARIA_DATABASE_URL: await postgres.createDatabase(), TALARIA_NATS_URL: nats.url };
    const first = await startServer(tempDirectory(), [], { env });
    const data = tempDirectory();
    copyFileSync(join(first.data, 'secrets.json'), join(data, 'secrets.json'));
    nodes = [first, await startServer(data, ['--heartbeat-ms', '20000'], { env })];
    // Whoever asks the second hears of the first.
    admin = { env: { TALARIA_URL: nodes[1].url, TALARIA_KEY_FILE: join(first.data, 'admin-key') } };
    app = await json<App>(['app', 'create', 'chat', '--with-key'], admin);
    backend = { env: { TALARIA_URL: nodes[1].url, TALARIA_KEY: app.key.secret } };
    await until(() => json<{ nodes: readonly unknown[] }>(['cluster', 'status'], admin), (found) => found.nodes.length === 2);
  });
  afterAll(async () => {
    await Promise.all(clients.splice(0).map((client) => client.close()));
    await Promise.all(nodes.map((node) => node.stop()));
    await Promise.all([postgres.stop(), nats.stop()]);
  });

  it('[CLU1] answer for each other: connections, settings, logs and numbers of both, whichever is asked', async () => {
    await user('ann', nodes[0], app);
    await user('ben', nodes[1], app);
    const { items, missing_nodes: missing } = await json<Page<Connection>>(['connections', 'list'], backend);
    expect([items.length, new Set(items.map(({ node }) => node)).size, missing]).toEqual([2, 2, []]);
    for (const { id, node } of items) expect(await json<Connection>(['connections', 'show', id], backend)).toMatchObject({ id, node });
    const beats = (await json<Page<{ name: string; value: string; nodes: readonly string[] }>>(['settings'], admin)).items.filter(({ name }) => name === 'heartbeat_ms');
    expect(beats.map(({ value, nodes: of }) => `${value} ${of.length}`).toSorted()).toEqual(['20000 1', '25000 1']);
    const started = (await json<Page<{ event: string; node: string }>>(['logs', '--event', 'node.started'], admin)).items;
    expect(new Set(started.map(({ node }) => node)).size).toBe(2);
    const stats = await until(
      () => json<{ nodes: readonly string[]; series: readonly { name: string; values: readonly (number | null)[] }[] }>(['stats'], admin),
      (found) => found.series.find(({ name }) => name === 'connections')!.values.at(-1) === 2,
    );
    expect(stats.nodes).toHaveLength(2);
    const alone = await json<{ nodes: readonly string[] }>(['stats', '--node', items[0]!.node], admin);
    expect(alone.nodes).toEqual([items[0]!.node]);
    expect((await failing(['stats', '--node', 'none'], admin)).line).toContain('There is no such node.');
  });

  it('[CLU1,CLU2] a trace follows a message to a live follower, to one on the other node, and to one who was behind', async () => {
    const cleo = await user('cleo', nodes[0], app);
    for (const [name, node] of [['dan', nodes[1]], ['eve', nodes[0]]] as const) await user(name, node, app);
    const chat = await cleo.conversations.create({ members: ['ext:dan', 'ext:eve'] });
    await chat.send('first').sent;
    await run(['trace', 'start', chat.id], backend);
    const idOf = async (name: string): Promise<string> => (await json<{ id: string }>(['user', 'show', `ext:${name}`], backend)).id;
    const [her, his, hers] = [await idOf('cleo'), await idOf('dan'), await idOf('eve')];
    // A client that was sent away comes back a moment later, and has missed what was said meanwhile.
    let way: Way | undefined;
    while (way?.writes.find((one) => one.user_id === hers)?.how !== 'catch_up') {
      const [one] = await until(async () => (await json<Page<Connection>>(['connections', 'list', '--user', hers], backend)).items, (items) => items.length === 1);
      const reply = await fetch(`${nodes[1].url}/v1/connections/${one!.id}/close`, { method: 'POST', headers: { authorization: `Bearer ${app.key.secret}`, 'content-type': 'application/json' }, body: '{}' });
      expect(reply.status).toBe(200);
      const sent = await chat.send('second').sent;
      way = await until(() => json<Way>(['trace', sent.id], backend), ({ writes }) => new Set(writes.map((write) => write.user_id)).size === 3);
    }
    const { writes, steps, missing_nodes: missing } = way;
    const of = (id: string) => writes.find((one) => one.user_id === id)!;
    expect([of(her).how, of(his).how, of(hers).how]).toEqual(['live', 'live', 'catch_up']);
    expect([of(her).node === of(his).node, of(her).node === of(hers).node]).toEqual([false, true]);
    const on = (node: string): readonly string[] => steps.filter((step) => step.node === node).map(({ step }) => step).toSorted();
    expect(on(of(her).node)).toEqual(['acked', 'announced', 'committed', 'published', 'read', 'received']);
    expect(on(of(his).node)).toEqual(['published', 'received']);
    expect(missing).toEqual([]);
  });

  it('[CLU2] say who does not answer, and what is left is still told', async () => {
    const listed = (): Promise<Page<Connection>> => json<Page<Connection>>(['connections', 'list'], backend);
    const [{ node }] = (await listed()).items.filter((one, _at, all) => all.some((other) => other.node !== one.node)) as [Connection];
    const cluster = await json<{ nodes: readonly { id: string; port: number; this_node: boolean }[] }>(['cluster', 'status'], admin);
    const other = cluster.nodes.find((one) => !one.this_node)!;
    expect(node).toBeDefined();
    /** Asks while the node stands still, and its connections with it. One that has been silent for three seconds is not asked any more: a slow machine may ask too late, and asks again. */
    async function whileItStands<T>(ask: () => Promise<T>, inTime: (answer: T) => boolean): Promise<T> {
      for (;;) {
        nodes[0].process.kill('SIGSTOP');
        const answer = await ask().finally(() => nodes[0].process.kill('SIGCONT'));
        await until(listed, ({ missing_nodes: missing, items }) => missing.length === 0 && items.some((one) => one.node === other.id));
        if (inTime(answer)) return answer;
      }
    }
    const page = await whileItStands(listed, ({ missing_nodes: missing }) => missing.length > 0);
    expect(page.missing_nodes).toEqual([other.id]);
    expect(page.items.length).toBeGreaterThan(0);
    expect(page.items.every((one) => one.node !== other.id)).toBe(true);
    await whileItStands(() => run(['connections', 'list'], backend), ({ stderr }) => stderr.includes('1 node did not answer'));
    const { items } = await until(() => json<Page<{ event: string; nodes: readonly string[] }>>(['incidents'], admin), (found) => found.items.some(({ event }) => event === 'loop.stalled'));
    expect(items.find(({ event }) => event === 'loop.stalled')!.nodes).toContain(other.id);
  });
});
