/** Who may be answered by a replica, over HTTP, and what they are told. */
import { operationIds, operations, type Operation } from '@talaria/protocol/operations';
import type { PostgresReplica } from '@talaria/services';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { createServer, ensureAdminKey, type RunningServer, type SharedDatabase } from '../../src/main.js';
import { LAGGING_READS } from '../../src/storage/port.js';
import { usePostgres } from '../support/postgres.js';

const postgres = usePostgres({ own: true });
const folder = mkdtempSync(join(tmpdir(), 'talaria-replica-http-'));
let copy: PostgresReplica;
let database: SharedDatabase;
let server: RunningServer;
let adminKey: string;
let appKey: string;
let appId: string;
let dirs = 0;

const start = (given: SharedDatabase): Promise<RunningServer> => createServer({ data: join(folder, `d${dirs += 1}`), port: 0, transport: 'ws', database: given, secret: Buffer.alloc(32, 7) });

async function call<T = Record<string, unknown>>(method: string, path: string, { key = adminKey, consistency, body }: { key?: string; consistency?: string; body?: object } = {}) {
  const response = await fetch(`${server.url}${path}`, {
    method, headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json', ...(consistency === undefined ? {} : { 'talaria-consistency': consistency }) },
    ...(body ? { body: JSON.stringify(body) } : {}),
  });
  return { status: response.status, lag: response.headers.get('talaria-lag-ms'), json: await response.json() as T };
}

interface Page { readonly items: readonly { readonly name: string; readonly text: string }[] }
const metric = async (name: string): Promise<number> => Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(await (await fetch(`${server.url}/metrics`)).text())?.[1]);

beforeAll(async () => {
  copy = await postgres().startReplica();
  const url = await postgres().createDatabase();
  database = { url, replica: { url: copy.urlOf(url) } };
  // A replica may be a moment behind the making of its database.
  server = await vi.waitFor(() => start(database), { timeout: 10_000, interval: 200 });
  adminKey = readFileSync((await ensureAdminKey(server, folder)).path, 'utf8').trim();
  const tenant = await call<{ id: string }>('POST', '/v1/tenants', { body: { name: 'one' } });
  ({ id: appId } = (await call<{ id: string }>('POST', '/v1/apps', { body: { tenant_id: tenant.json.id, name: 'app' } })).json);
  appKey = (await call<{ secret: string }>('POST', '/v1/keys', { body: { app_id: appId } })).json.secret;
  await vi.waitFor(async () => expect((await call('GET', '/v1/tenants', { consistency: 'eventual' })).lag).not.toBeNull(), { timeout: 10_000 });
});
afterAll(async () => {
  await server.stop();
  await copy.stop();
  rmSync(folder, { recursive: true });
});

describe('a replica over HTTP', () => {
  it('answers backends that say so, and tells how old the answer may be; all else comes from the database', async () => {
    const minted = await call<{ token: string; user_id: string }>('POST', '/v1/auth/token', { key: appKey, body: { external_id: 'ann' } });
    const { json: { token, user_id: ann } } = minted;
    const { conversation_id: group } = (await call<{ conversation_id: string }>('POST', '/v1/conversations', { key: appKey, body: { name: 'group', member_ids: [ann] } })).json;
    await call('POST', '/v1/messages', { key: appKey, body: { conversation_id: group, text: 'early' } });
    const history = `/v1/messages?conversation_id=${group}`;
    await vi.waitFor(async () => expect((await call<Page>('GET', history, { key: appKey, consistency: 'eventual' })).json.items?.map(({ text }) => text)).toEqual(['early']), { timeout: 10_000 });
    await copy.pauseReplay();
    await call('POST', '/v1/messages', { key: appKey, body: { conversation_id: group, text: 'late' } });
    const [read, missed] = [await metric('talaria_replica_reads_total'), await metric('talaria_replica_reads_missed_total')];
    const lagging = await call<Page>('GET', history, { key: appKey, consistency: 'eventual' });
    expect(lagging.json.items.map(({ text }) => text)).toEqual(['early']);
    expect(lagging.lag).toMatch(/^\d+$/);
    expect(Number(lagging.lag)).toBeLessThanOrEqual(5_000);
    expect([await metric('talaria_replica_reads_total') - read, await metric('talaria_replica_reads_missed_total') - missed]).toEqual([1, 0]);
    // Without a word, with the other word, for a user, and for what a cursor goes on from: what was just written is there.
    const facts = `/v1/conversations/${group}/facts`;
    for (const [path, asked] of [[history, {}], [history, { consistency: 'strong' }], [history, { key: token, consistency: 'eventual' }], [facts, { consistency: 'eventual' }]] as const) {
      const { lag, json } = await call<Page>('GET', path, { key: appKey, ...asked });
      expect([lag, JSON.stringify(json).includes('late')], `${path} ${JSON.stringify(asked)}`).toEqual([null, true]);
    }
    await copy.resumeReplay();
    await vi.waitFor(async () => expect(await metric('talaria_replica_lag_seconds')).toBeLessThan(2), { timeout: 10_000 });
    expect(await call('GET', history, { key: appKey, consistency: 'stale' })).toMatchObject({ status: 400, json: { code: 'invalid_argument', field: 'Talaria-Consistency' } });
  });

  it('is asked by the operations that the table names, and by no other', async () => {
    const eventual = operationIds.filter((id) => (operations[id] as Operation).eventual);
    // One read of the storage for each.
    expect(eventual.map((id) => (id === 'inbox.list' ? 'inbox' : id.split('.')[0])).sort()).toEqual([...LAGGING_READS].sort());
    for (const id of eventual) expect((operations[id] as Operation).method, id).toBe('GET');
    const paths = ['/v1/tenants', '/v1/apps', `/v1/usage?app_id=${appId}`];
    for (const path of paths) expect((await call('GET', path, { consistency: 'eventual' })).lag, path).not.toBeNull();
    for (const path of ['/v1/users', '/v1/users/ext:ann/conversations']) expect((await call('GET', path, { key: appKey, consistency: 'eventual' })).lag, path).not.toBeNull();
    for (const path of ['/v1/keys', '/v1/status', `/v1/apps/${appId}`]) expect((await call('GET', path, { consistency: 'eventual' })).lag, path).toBeNull();
  });

  it('that ends is not missed: the next answer comes from the database', async () => {
    const ended = copy.process.ended;
    copy.process.signal('SIGQUIT');
    await ended;
    const { status, lag } = await call('GET', '/v1/tenants', { consistency: 'eventual' });
    expect([status, lag]).toEqual([200, null]);
    await copy.restart();
    await vi.waitFor(async () => expect((await call('GET', '/v1/tenants', { consistency: 'eventual' })).lag).not.toBeNull(), { timeout: 10_000, interval: 100 });
  });

  it('of another database keeps the server from starting, in one line without a password', async () => {
    const other = await postgres().createDatabase();
    const refused = vi.waitFor(async () => {
      const message = await start({ ...database, replica: { url: copy.urlOf(other) } }).then((started) => started.stop().then(() => 'started'), (error: unknown) => (error instanceof Error ? error.message : ''));
      expect(message).toMatch(/^postgres:\/\/127\.0\.0\.1:\d+\/\w+ cannot be used: it is no replica of the database: it is another database of the same Postgres system; name the same one in both URLs$/);
    }, { timeout: 15_000, interval: 300 });
    await refused;
  });
});
