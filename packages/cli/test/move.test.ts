/** A move as an operator makes it, under clients that send all the while. */
import { connect, type Client, type Committed } from '@talaria/sdk';
import { startPostgres, type PostgresServer } from '@talaria/services';
import { join } from 'node:path';
import postgres from 'postgres';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { failing, json, launchRunning, run, startServer, tempDirectory, type Started } from './support/cli.js';

/** Clients that stay connected are not waited for. */
const AT_ONCE = ['--drain-ms', '200'];

let server: PostgresServer;
let url: string;
let sql: postgres.Sql;
const clients: Client[] = [];
beforeAll(async () => {
  server = await startPostgres();
  url = await server.createDatabase();
  sql = postgres(url, { max: 3, onnotice: () => undefined });
});
afterAll(async () => {
  await Promise.all(clients.map((client) => client.close()));
  await sql.end();
  await server.stop();
});

interface App {
  readonly public_key: string;
  readonly key: { readonly secret: string };
}

interface Result {
  readonly resumed: boolean;
  readonly pause_ms: number;
  readonly streams: number;
  readonly to: string;
}

const soon = (): Promise<void> => new Promise((resolve) => void setTimeout(resolve, 5));

async function until(what: () => boolean | Promise<boolean>): Promise<void> {
  while (!await what()) await soon();
}

it('[RES5,SND2,SND7] loses nothing that was acked, answers repeats, and clients go on from their cursors', { timeout: 120_000 }, async () => {
  const first = await startServer(tempDirectory(), AT_ONCE);
  const env = { TALARIA_DATABASE_URL: url };
  const app = await json<App>(['app', 'create', 'chat', '--with-key'], { env: { TALARIA_URL: first.url, TALARIA_KEY_FILE: join(first.data, 'admin-key') } });
  const asApp = { TALARIA_URL: first.url, TALARIA_KEY: app.key.secret };

  const resyncs: string[] = [];
  async function user(name: string): Promise<Client> {
    const { token } = await json<{ token: string }>(['token', 'mint', name], { env: asApp });
    const client = connect({ url: first.url, app: app.public_key, token });
    clients.push(client);
    client.on('resync', ({ stream }) => void resyncs.push(`${name} ${stream}`));
    await client.ready();
    return client;
  }
  const [ann, ben] = [await user('ann'), await user('ben')];
  const heard: { text: string; seq: number }[] = [];
  await ben.consume('inbox', (fact) => {
    if (fact.type === 'message.created') heard.push({ text: String(fact.body['text']), seq: fact.seq });
  });
  const chat = await ann.conversations.create({ members: ['ext:ben'] });

  // Sends until the end, a few at a time.
  const acked: Committed[] = [];
  const texts: string[] = [];
  const failures: unknown[] = [];
  let waiting = 0;
  const stop = new AbortController();
  const send = async (text: string): Promise<void> => {
    waiting += 1;
    try {
      acked.push(await chat.send(text).sent);
    } catch (error) {
      failures.push(error);
    }
    waiting -= 1;
  };
  const sending = (async () => {
    while (!stop.signal.aborted) {
      texts.push(`m${texts.length}`);
      void send(texts.at(-1)!);
      await soon();
      await until(() => waiting < 16);
    }
  })();
  const goesOn = async (): Promise<void> => {
    const count = acked.length;
    await until(() => acked.length >= count + 20);
  };
  await goesOn();
  const repeated = ['send', chat.id, 'once', '--as', 'ext:ann', '--idempotency-key', 'the-only-one'];
  const once = await json<{ id: string; duplicate?: boolean }>(repeated, { env: asApp });

  // Killed half-way: it waits for a lock that the test has, with some tables copied and some not.
  await json(['migrate', 'up', '--data', first.data], { env });
  const move = ['move', '--from', `sqlite:${first.data}`];
  await sql.begin(async (held) => {
    await held`LOCK TABLE member_intervals IN SHARE MODE`;
    const killed = launchRunning(move, { env });
    await until(async () => (await sql`SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE 'INSERT INTO member_intervals%'`).length > 0);
    await goesOn();
    killed.process.kill('SIGKILL');
    await killed.ended;
  });
  await until(async () => (await sql`SELECT 1 FROM pg_stat_activity WHERE application_name = 'talaria'`).length === 0);
  expect(Number((await sql`SELECT count(*) AS members FROM members`)[0]!['members'])).toBe(2);
  expect((await failing(['start', '--data', first.data, '--port', '0'], { env })).code).toBe(1);
  await goesOn();

  const moved = await json<Result>(move, { env });
  expect(moved).toMatchObject({ resumed: true, to: expect.not.stringContaining(new URL(url).password) as unknown });
  expect(moved.streams).toBeGreaterThan(1);
  // The old server refuses retryably from now on; nothing is finally refused.
  await until(() => waiting === 16);
  expect(failures).toEqual([]);
  await first.stop();
  const { code, line } = await failing(['start', '--data', first.data, '--port', '0']);
  expect([code, line]).toEqual([1, expect.stringMatching(/has moved to postgres:\/\/127\.0\.0\.1:\d+\/\w+; start the server with database_url/)]);
  expect(line).not.toContain(new URL(url).password);

  const second: Started = await startServer(first.data, ['--port', String(first.port), ...AT_ONCE], { env });
  await goesOn();
  stop.abort();
  await sending;
  await until(() => waiting === 0);
  await until(() => heard.length === texts.length + 1);
  expect(failures).toEqual([]);
  expect(resyncs).toEqual([]);

  // Each once and in order, on both sides of the move.
  expect(heard.filter(({ text }) => text !== 'once').map(({ text }) => text)).toEqual(texts);
  expect(heard.map(({ seq }) => seq)).toEqual(heard.map(({ seq }) => seq).toSorted((a, b) => a - b));
  expect(new Set(acked.map(({ seq }) => seq)).size).toBe(texts.length);
  expect(await json(repeated, { env: asApp })).toMatchObject({ id: once.id, duplicate: true });
  expect(await json(['verify', '--data', first.data], { env })).toMatchObject({ ok: true, driver: 'postgres' });
  expect((await run(['verify', '--data', first.data])).code).toBe(0);
  await second.stop();
});
