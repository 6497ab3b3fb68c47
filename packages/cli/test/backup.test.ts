/** Backups as an operator makes them, of a server that is at work, and what its clients see of a restore. */
import { connect, type Client } from '@talaria/sdk';
import { startPostgres, type PostgresServer } from '@talaria/services';
import Database from 'better-sqlite3';
import { copyFileSync, existsSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { failing, json, run, startServer, tempDirectory, type Started } from './support/cli.js';

/** Clients that stay connected are not waited for. */
const AT_ONCE = ['--drain-ms', '200'];

let postgres: PostgresServer;
const clients: Client[] = [];
beforeAll(async () => {
  postgres = await startPostgres();
});
afterAll(async () => {
  await Promise.all(clients.map((client) => client.close()));
  await postgres.stop();
});

interface App {
  readonly id: string;
  readonly public_key: string;
  readonly key: { readonly secret: string };
}

async function serverWithApp(data = tempDirectory(), env: Record<string, string> = {}): Promise<{ readonly server: Started; readonly app: App }> {
  const server = await startServer(data, AT_ONCE, { env });
  const app = await json<App>(['app', 'create', 'chat', '--with-key'], { env: { TALARIA_URL: server.url, TALARIA_KEY_FILE: join(data, 'admin-key') } });
  return { server, app };
}

async function clientOf(name: string, server: Started, app: App): Promise<Client> {
  const { token } = await json<{ token: string }>(['token', 'mint', name], { env: { TALARIA_URL: server.url, TALARIA_KEY: app.key.secret } });
  const client = connect({ url: server.url, app: app.public_key, token });
  clients.push(client);
  await client.ready();
  return client;
}

describe('a backup', { timeout: 90_000 }, () => {
  it('[RES5] is taken while a server is at work, and restored under clients, which are told', async () => {
    const { server, app } = await serverWithApp();
    const [ann] = await Promise.all([clientOf('ann', server, app), clientOf('ben', server, app)]);
    const chat = await ann.conversations.create({ members: ['ext:ben'] });
    await Promise.all(Array.from({ length: 30 }, (_, at) => chat.send(`before ${at}`).sent));
    const file = join(tempDirectory(), 'chat.backup');
    const [taken] = await Promise.all([run(['backup', '--data', server.data, '--to', file]), ...Array.from({ length: 30 }, (_, at) => chat.send(`meanwhile ${at}`).sent)]);
    expect([taken.code, taken.stdout]).toEqual([0, expect.stringMatching(/chat\.backup: [\d.]+ KiB, \d+ facts in 1 conversation of 2 users\.\n$/)]);
    expect(taken.stderr).toContain('keep secrets.json of the data directory, or TALARIA_SECRET, too.');
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect((await run(['verify', file])).stdout).toContain('chat.backup is sound: ');
    expect((await run(['verify', '--data', server.data])).stdout).toMatch(/^The database is sound: \d+ facts/);
    const last = await chat.send('behind the backup').sent;
    await server.stop();

    // The same place, with what the backup has.
    const resynced = new Promise<void>((resolve) => ann.on('resync', () => resolve()));
    const secrets = join(tempDirectory(), 'secrets.json');
    copyFileSync(join(server.data, 'secrets.json'), secrets);
    rmSync(server.data, { recursive: true });
    const restored = await json<{ epoch: string; has_secret: boolean; counts: { events: number } }>(['restore', '--from', file, '--secrets', secrets, '--data', server.data]);
    expect(restored.has_secret).toBe(true);
    const again = await startServer(server.data, ['--port', String(server.port), ...AT_ONCE]);
    await resynced;
    const next = await chat.send('behind the restore').sent;
    expect(next.seq).toBeLessThanOrEqual(last.seq);
    expect(await json(['verify', '--data', server.data])).toMatchObject({ ok: true, epoch: restored.epoch, counts: { events: restored.counts.events + 1 } });
    await again.stop();
  });

  it('goes from one database into another, and takes the secret along', async () => {
    const { server, app } = await serverWithApp();
    const [ann] = await Promise.all([clientOf('ann', server, app), clientOf('ben', server, app)]);
    await ann.conversations.create({ members: ['ext:ben'] });
    const file = join(tempDirectory(), 'chat.backup');
    await json(['backup', '--data', server.data, '--to', file]);
    const env = { TALARIA_DATABASE_URL: await postgres.createDatabase() };
    const data = tempDirectory();
    const without = await run(['restore', '--from', file, '--data', data], { env });
    expect([without.code, without.stdout]).toEqual([0, expect.stringMatching(/^Restored \d+ facts in 1 conversation of 2 users\.\n$/)]);
    expect(without.stderr).toContain(`put secrets.json of the old data directory into ${data}`);
    // The backup knows which secret it was: another one would make what is sealed unreadable.
    expect(await failing(['start', '--data', data, '--port', '0'], { env })).toMatchObject({ code: 1, line: expect.stringContaining('secret is missing') as unknown });
    copyFileSync(join(server.data, 'secrets.json'), join(data, 'secrets.json'));
    const node = await startServer(data, AT_ONCE, { env });
    await clientOf('ann', node, app);
    await node.stop();
    const back = join(tempDirectory(), 'back.backup');
    await json(['backup', '--data', data, '--to', back], { env });
    const target = join(tempDirectory(), 'new');
    expect(await json(['restore', '--from', back, '--secrets', join(data, 'secrets.json'), '--data', target])).toMatchObject({ has_secret: true });
    expect(statSync(join(target, 'talaria.db')).mode & 0o077).toBe(0);
    const third = await startServer(target, AT_ONCE);
    await clientOf('ann', third, app);
    await Promise.all([third.stop(), server.stop()]);
  });

  it('[BAD cli.backup] refuses, naming why, and leaves nothing behind', async () => {
    const { server } = await serverWithApp();
    const folder = tempDirectory();
    const file = join(folder, 'chat.backup');
    await json(['backup', '--data', server.data, '--to', file]);
    const bytes = readFileSync(file);
    const bad = (name: string, text: Uint8Array | string): string => {
      writeFileSync(join(folder, name), text);
      return join(folder, name);
    };
    const [cut, flipped, foreign] = [bad('cut', bytes.subarray(0, bytes.length - 20)), bad('flipped', bytes.map((byte, at) => (at === 400 ? byte ^ 1 : byte))), bad('foreign', 'hello')];
    for (const [path, why] of [[cut, 'is cut off'], [flipped, 'is damaged'], [foreign, 'is not a backup of Talaria'], [join(folder, 'none'), 'is not there']] as const) {
      const data = join(folder, 'data');
      expect(await failing(['verify', path])).toMatchObject({ code: 1, stdout: '', line: expect.stringContaining(`${path} ${why}`) as unknown });
      expect(await failing(['restore', '--from', path, '--data', data])).toMatchObject({ code: 1, line: expect.stringContaining(`${path} ${why}`) as unknown });
      expect(existsSync(data)).toBe(false);
    }
    expect(await failing(['backup', '--data', server.data, '--to', file])).toMatchObject({ code: 1, line: expect.stringContaining('exists; name a file that does not') as unknown });
    expect(await failing(['restore', '--from', file, '--data', server.data])).toMatchObject({ code: 1, line: expect.stringContaining('is in use by process') as unknown });
    await server.stop();
    expect(await failing(['restore', '--from', file, '--data', server.data])).toMatchObject({ code: 1, line: expect.stringContaining('has a database; name a directory that has none') as unknown });
    const other = (await serverWithApp()).server;
    const wrong = ['restore', '--from', file, '--secrets', join(other.data, 'secrets.json'), '--data', join(folder, 'data')];
    expect(await failing(wrong)).toMatchObject({ code: 1, line: expect.stringContaining('the secret is another one') as unknown });
    expect(existsSync(join(folder, 'data'))).toBe(false);
    await other.stop();
  });

  it('[ORD1] verify names the first thing wrong with a database', async () => {
    const { server, app } = await serverWithApp();
    const [ann] = await Promise.all([clientOf('ann', server, app), clientOf('ben', server, app)]);
    const chat = await ann.conversations.create({ members: ['ext:ben'] });
    await Promise.all(Array.from({ length: 5 }, (_, at) => chat.send(`m${at}`).sent));
    await server.stop();
    const db = new Database(join(server.data, 'talaria.db'));
    db.prepare('DELETE FROM events WHERE position = (SELECT max(position) - 2 FROM events)').run();
    db.close();
    const { code, line } = await failing(['verify', '--data', server.data]);
    expect([code, line]).toEqual([1, expect.stringMatching(/The database does not hold together: stream c_\w+ has seq \d+ where \d+ should stand\. Restore it from a backup/)]);
  });

  it('names no password', async () => {
    const env = { TALARIA_DATABASE_URL: 'postgres://ann:hunter2@127.0.0.1:1/none' };
    for (const args of [['backup', '--to', 'x'], ['verify'], ['move', '--from', 'sqlite:.', '--to', 'postgres:postgres://ann:hunter2@127.0.0.1:1/none']]) {
      const { code, line } = await failing(args, { env });
      expect([code, line]).toEqual([1, expect.not.stringContaining('hunter2')]);
    }
    expect((await failing(['move', '--from', 'sqlite:.', '--to', 'postgres://:hunter2@'])).line).toContain('--to must be like postgres://');
  });
});
