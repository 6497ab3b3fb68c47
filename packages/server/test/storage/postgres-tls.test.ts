/** Real servers with TLS: what is taken, what is refused, and with which words. */
import { createAuthority, startPostgres, type PostgresServer } from '@talaria/services';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import postgres from 'postgres';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { migrationsOfDatabase } from '../../src/databases.js';
import { defaultPostgresTimeouts, openPostgres } from '../../src/storage/postgres/driver.js';
import { ConnectionLostError, Line } from '../../src/storage/postgres/line.js';
import { stagedOptions } from './postgres-harness.js';
import { createWorld } from './world.js';

const authority = createAuthority();
const stranger = createAuthority('Somebody else');
const folder = mkdtempSync(join(tmpdir(), 'talaria-tls-'));
const file = (name: string, text: string): string => {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
};
const ca = file('ca.pem', authority.ca);
let secured: PostgresServer;
let misnamed: PostgresServer;
let plain: PostgresServer;

beforeAll(async () => {
  [secured, misnamed, plain] = await Promise.all([
    startPostgres({ tls: authority.issue(['127.0.0.1', 'localhost']) }), startPostgres({ tls: authority.issue(['db.example.com']) }), startPostgres({ own: true }),
  ]);
});
afterAll(async () => {
  await Promise.all([secured.stop(), misnamed.stop(), plain.stop()]);
  rmSync(folder, { recursive: true });
});

/** What a command says that looks at the database. */
async function said(url: string, authorityFile?: string): Promise<string> {
  return migrationsOfDatabase({ data: '', database: { url, ...(authorityFile === undefined ? {} : { ca: authorityFile }) } }).then(() => 'done', (error: unknown) => (error instanceof Error ? error.message : ''));
}
const withMode = (url: string, mode: string): string => `${url}?sslmode=${mode}`;
const unsafe = (url: string): string => {
  const { host, pathname } = new URL(url);
  return `postgres://${host}${pathname} cannot be used: `;
};

describe('Postgres over TLS', () => {
  it('is used with its authority, by address and by name', async () => {
    expect(await said(secured.url, ca)).toBe('done');
    expect(await said(secured.url.replace('127.0.0.1', 'localhost'), ca)).toBe('done');
    expect(await said(withMode(secured.url, 'require'))).toBe('done');
    expect(await said(withMode(secured.url, 'prefer'))).toBe('done');
    expect(await said(withMode(plain.url, 'prefer'))).toBe('done');
    expect(await said(withMode(misnamed.url, 'verify-ca'), ca)).toBe('done');
  });

  it('is encrypted, whatever sslmode says beside an authority', async () => {
    for (const mode of ['disable', 'prefer', 'verify-full']) {
      const line = new Line({ url: withMode(secured.url, mode), ca: authority.ca, ...defaultPostgresTimeouts });
      expect((await line.query<{ ssl: boolean }>('SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()')).rows, mode).toEqual([{ ssl: true }]);
      await line.close();
    }
  });

  it.each([
    ['another authority', () => said(secured.url, file('other.pem', stranger.ca)), /^the server's certificate is not signed by the authority in database_ca \([^()]+\)$/],
    ['no authority', () => said(withMode(secured.url, 'verify-full')), /^the server's certificate is not signed by an authority that this machine knows; name its authority in database_ca \([^()]+\)$/],
    ['another name', () => said(misnamed.url, ca), /^the server's certificate is not for 127\.0\.0\.1, as the URL calls it$/],
    ['no TLS', () => said(secured.url), /^no pg_hba\.conf entry for host .* no encryption; where it takes connections with TLS only, set database_ca, or sslmode=verify-full in the URL$/],
    ['a server without TLS', () => said(plain.url, ca), /^the server does not speak TLS; switch it on there, or leave out database_ca and sslmode$/],
    ['a wrong password', () => said(secured.url.replace(/:[\da-f]+@/, ':hunter2@'), ca), /^password authentication failed for user "talaria"; check the user and the password in the URL$/],
    ['no such database', () => said(secured.url.replace(/postgres$/, 'none'), ca), /^database "none" does not exist$/],
    ['no such file', () => said(secured.url, join(folder, 'none.pem')), /^database_ca cannot be read: ENOENT: no such file or directory, open '.*none\.pem'$/],
    ['a file of something else', () => said(secured.url, file('hello.pem', 'hello')), /^database_ca holds no certificate in PEM form$/],
    ['a mode that is none', () => said(withMode(secured.url, 'strict')), /^sslmode in the URL must be one of disable, prefer, require, verify-ca, verify-full$/],
  ])('is refused with one sentence for %s, and without the password', async (_what, ask, words) => {
    const line = await ask();
    const [, reason] = /^postgres:\/\/\S+ cannot be used: (.*)$/.exec(line) ?? [];
    expect(reason, line).toMatch(words);
    for (const secret of [new URL(secured.url).password, new URL(misnamed.url).password, 'hunter2']) expect(line).not.toContain(secret);
    expect(line.startsWith(unsafe(secured.url)) || line.startsWith(unsafe(misnamed.url)) || line.startsWith(unsafe(plain.url)) || line.includes('/none ')).toBe(true);
  });

  it('tells all that waits when the server ends a connection, also one that is idle', async () => {
    const line = new Line({ url: secured.url, ca: authority.ca, ...defaultPostgresTimeouts });
    const sql = postgres(secured.url, { max: 1, ssl: { ca: authority.ca } });
    const pidOf = async (): Promise<number> => (await line.query<{ pid: number }>('SELECT pg_backend_pid() AS pid')).rows[0]!.pid;
    const idle = await pidOf();
    await sql`SELECT pg_terminate_backend(${idle})`;
    await vi.waitFor(() => expect(line.alive).toBe(false));
    await expect(line.query('SELECT 1')).rejects.toBeInstanceOf(ConnectionLostError);
    const busy = new Line({ url: secured.url, ca: authority.ca, ...defaultPostgresTimeouts });
    const waiting = [busy.query('SELECT pg_sleep(60)'), busy.query('SELECT 2')];
    const ended = Promise.allSettled(waiting);
    await vi.waitFor(async () => expect(await sql`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE '%pg_sleep(60)%' AND pid <> pg_backend_pid()`).toHaveLength(1));
    for (const { status } of await ended) expect(status).toBe('rejected');
    await sql.end();
  });

  it('[ISO4,SND2] loses and repeats nothing when its connections are killed all the time', async () => {
    const url = await secured.createDatabase();
    const storage = await openPostgres(stagedOptions(url, { ca: authority.ca }));
    const sql = postgres(url, { max: 1, ssl: { ca: authority.ca }, onnotice: () => undefined });
    const world = createWorld(storage, 7_000);
    const [ann] = await world.users(1) as [string];
    const group = await world.group(ann, []);
    let killed = 0;
    const killer = setInterval(() => {
      void sql`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'talaria'`.then((rows) => {
        killed += rows.length;
      }, () => undefined);
    }, 40);
    const texts = Array.from({ length: 80 }, (_, at) => `m${at}`);
    try {
      for (const text of texts) {
        const command = world.message({ user: ann, conversation: group, text });
        for (let done = false; !done; done = (await world.append(command)).ok) await new Promise((resolve) => setTimeout(resolve, 2));
      }
    } finally {
      clearInterval(killer);
    }
    expect(killed).toBeGreaterThan(3);
    const facts = await vi.waitFor(() => world.facts(group, null));
    expect(facts.filter(({ type }) => type === 'message.created').map(({ payload }) => (JSON.parse(payload) as { text: string }).text)).toEqual(texts);
    await sql.end();
    await storage.stop();
  });
});
