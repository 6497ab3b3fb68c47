/** Tenants with databases of their own, through real sockets of real nodes. */
import { createServer } from '@talaria/server';
import { startProxy, type Proxy } from '@talaria/probe/harness';
import { startNats, type NatsServer } from '@talaria/services';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import postgres from 'postgres';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { backupDatabase, restoreDatabase, type RunningServer } from '../../src/main.js';
import { createMaintenance } from '../../src/workers/maintenance.js';
import { recordingLog } from '../support/recording-log.js';
import { usePostgres } from '../support/postgres.js';
import { createInstallation, type Installation, type TenantApp } from './installation.js';

const server = usePostgres();
let nats: NatsServer;
const proxies: Proxy[] = [];
const installations: Installation[] = [];

beforeAll(async () => {
  nats = await startNats();
});
afterAll(() => nats.stop());
afterEach(async () => {
  await Promise.all(installations.splice(0).map((one) => one.stop()));
  await Promise.all(proxies.splice(0).map((one) => one.close()));
});

async function install(): Promise<Installation> {
  const made = createInstallation(await server().createDatabase(), { servers: [nats.url] });
  installations.push(made);
  return made;
}

/** A database behind a proxy. */
async function proxied(): Promise<{ readonly proxy: Proxy; readonly url: string; readonly direct: string }> {
  const direct = await server().createDatabase();
  const proxy = await startProxy(server().port);
  proxies.push(proxy);
  const url = new URL(direct);
  url.port = String(proxy.port);
  return { proxy, url: url.toString(), direct };
}

async function rows<Row extends object>(url: string, text: string): Promise<Row[]> {
  const sql = postgres(url, { max: 1, onnotice: () => undefined });
  try {
    return [...await sql.unsafe<Row[]>(text)];
  } finally {
    await sql.end();
  }
}

/** Two users of an app in one conversation. */
async function talk(installation: Installation, node: RunningServer, app: TenantApp, other = node) {
  const ann = await installation.client(node, app, 'ann');
  const ben = await installation.client(other, app, 'ben');
  const { conversation_id: group } = await installation.as(node, ann.caller, 'conversations.create', { member_ids: [ben.id] });
  await ben.client.until(() => ben.client.facts(ben.id).length > 0);
  return { ann, ben, group };
}

/** Says it again and again, as the SDK does, until it is committed. */
async function persist({ ann, group }: Awaited<ReturnType<typeof talk>>, text: string, clientId?: string): Promise<void> {
  const id = ann.client.post(group, text, clientId);
  for (let refusals = ann.client.all('refusal').filter(({ refusal }) => refusal.client_id === id).length; ;) {
    const done = await ann.client.until(() => ann.client.all('ack').some(({ ack }) => ack.client_id === id)
      || (ann.client.all('refusal').filter(({ refusal }) => refusal.client_id === id).length > refusals ? 'refused' : undefined));
    if (done === true) return;
    refusals += 1;
    await new Promise((resolve) => setTimeout(resolve, 100));
    ann.client.post(group, text, id);
  }
}

/** The test's own time ends it. */
async function eventually(condition: () => Promise<boolean>): Promise<void> {
  while (!await condition()) await new Promise((resolve) => setTimeout(resolve, 50));
}

describe('a database per tenant', { timeout: 180_000 }, () => {
  it('[ISO1,CLU1] keeps what its apps say in it, and nowhere else, whichever nodes they are connected to', async () => {
    const installation = await install();
    const [first, second] = [await installation.node(), await installation.node()];
    const urls = [await server().createDatabase(), await server().createDatabase()] as const;
    const apps = [await installation.tenant(first), await installation.tenant(first, urls[0]), await installation.tenant(second, urls[1])] as const;
    const epochs = new Set<string>();
    for (const [at, app] of apps.entries()) {
      const { ann, ben, group } = await talk(installation, first, app, second);
      await ann.client.say(group, `said in ${at}`);
      await ben.client.until(() => ben.client.texts(group).length === 1);
      await ben.client.say(group, `answered in ${at}`);
      await ann.client.until(() => ann.client.texts(group).length === 2);
      expect(ann.client.texts(group)).toEqual([`said in ${at}`, `answered in ${at}`]);
      epochs.add((await ann.client.next('welcome')).welcome.epoch);
      const held = await Promise.all(urls.map((url) => rows<{ payload: string }>(url, `SELECT payload FROM events WHERE payload LIKE '%said in ${at}%'`).catch(() => [])));
      expect(held.map((found) => found.length)).toEqual([at === 1 ? 1 : 0, at === 2 ? 1 : 0]);
    }
    // Each database has a log of its own.
    expect(epochs.size).toBe(3);
  });

  it('[RES2,RES5] resumes by a sync token of the tenant\'s log, and refuses that of another', async () => {
    const installation = await install();
    const node = await installation.node({ heartbeatMs: 1_000, antiEntropyMs: 100 });
    const app = await installation.tenant(node, await server().createDatabase());
    const { ann, ben, group } = await talk(installation, node, app);
    for (const { client } of [ann, ben]) client.stay();
    await ann.client.say(group, 'one');
    await ben.client.until(() => ben.client.texts(group).length === 1);
    const seen = ben.client.all('ping').length;
    const token = await ben.client.until(() => ben.client.all('ping').slice(seen + 1).find(({ ping }) => ping.sync_token && ping.sync_token.length > 0)?.ping.sync_token);
    ben.client.destroy();
    await ann.client.say(group, 'two');
    const again = await installation.connect(node, app);
    expect(await again.hello(ben.token, { sync_token: token })).toMatchObject({ resumed: true });
    await again.until(() => again.texts(group).length > 0);
    expect(again.texts(group)).toEqual(['two']);
    const plain = await installation.tenant(node);
    const other = await installation.client(node, plain, 'ben');
    const wrong = await installation.connect(node, plain);
    expect(await wrong.hello(other.token, { sync_token: token })).toMatchObject({ resumed: false });
  });

  it('[FLW2,CLU4] refuses retryably what is for a dead database, touches no other, and goes on when it is back', async () => {
    const installation = await install();
    const log = recordingLog();
    const node = await installation.node({ log });
    const dead = await proxied();
    const alive = await server().createDatabase();
    const [first, second, third] = [await installation.tenant(node, dead.url), await installation.tenant(node, alive), await installation.tenant(node)];
    const scenes = [await talk(installation, node, first), await talk(installation, node, second), await talk(installation, node, third)] as const;
    for (const scene of scenes) await scene.ann.client.say(scene.group, 'before');

    dead.proxy.leadTo(undefined, 'refuse');
    dead.proxy.cut();
    const [{ ann, ben, group }, ...others] = scenes;
    const lost = ann.client.post(group, 'while it is dead');
    const { refusal } = await ann.client.until(() => ann.client.all('refusal').find((one) => one.refusal.client_id === lost));
    expect(refusal).toMatchObject({ code: 'unavailable', retryable: true });
    expect(refusal.retry_after_ms).toBeGreaterThan(0);
    for (const other of others) {
      await other.ann.client.say(other.group, 'meanwhile');
      await other.ben.client.until(() => other.ben.client.texts(other.group).includes('meanwhile'));
    }
    expect((await fetch(`${node.url}/readyz`)).status).toBe(200);
    // Known to be dead, it is not waited for.
    await eventually(() => Promise.resolve(node.domain.databases?.counts().down === 1));
    await expect(installation.as(node, ann.caller, 'inbox.list', { user_id: 'me' })).rejects.toMatchObject({ code: 'unavailable' });

    dead.proxy.leadTo(server().port);
    await persist(scenes[0], 'while it is dead', lost);
    await ben.client.until(() => ben.client.texts(group).length === 2);
    expect(ben.client.texts(group)).toEqual(['before', 'while it is dead']);
    expect(node.domain.databases?.counts()).toEqual({ open: 2, down: 0 });
    const said = log.text();
    expect(said).toContain('tenant_database.failed');
    expect(said).not.toContain(new URL(dead.url).password);
  });

  it('[FLW2] refuses within seconds what is for a database that has fallen silent, and goes on when it is back', async () => {
    const installation = await install();
    const node = await installation.node();
    const silent = await proxied();
    const app = await installation.tenant(node, silent.url);
    const other = await installation.tenant(node, await server().createDatabase());
    const [scene, alive] = [await talk(installation, node, app), await talk(installation, node, other)];
    silent.proxy.sever();
    silent.proxy.leadTo(undefined);
    const lost = scene.ann.client.post(scene.group, 'into silence');
    await eventually(async () => {
      await alive.ann.client.say(alive.group, 'meanwhile');
      return node.domain.databases?.counts().down === 1;
    });
    await expect(installation.as(node, app.backend, 'users.list', {})).rejects.toMatchObject({ code: 'unavailable' });
    silent.proxy.leadTo(server().port);
    await persist(scene, 'into silence', lost);
    expect((await rows(silent.direct, "SELECT 1 FROM events WHERE payload LIKE '%into silence%'")).length).toBe(1);
  });

  it('[RES6] closes the connections of a tenant whose database is silent together with the bus, and of no other', async () => {
    const bus = await startProxy(Number(new URL(nats.url).port));
    proxies.push(bus);
    const busUrl = new URL(nats.url);
    busUrl.port = String(bus.port);
    const installation = createInstallation(await server().createDatabase(), { servers: [busUrl.toString()] });
    installations.push(installation);
    const node = await installation.node({ antiEntropyMs: 200 });
    const dead = await proxied();
    const one = await installation.client(node, await installation.tenant(node, dead.url), 'ann');
    const other = await installation.client(node, await installation.tenant(node, await server().createDatabase()), 'ann');
    dead.proxy.leadTo(undefined, 'refuse');
    dead.proxy.cut();
    bus.leadTo(undefined, 'refuse');
    bus.cut();
    expect((await one.client.end()).reason).toBe('draining');
    expect(other.client.closed).toBeUndefined();
    expect(await installation.as(node, other.caller, 'inbox.list', { user_id: 'me' })).toMatchObject({ items: [] });
  });

  it('[CLU3] brings facts of a tenant from one node to the other without the bus', async () => {
    const made = createInstallation(await server().createDatabase());
    installations.push(made);
    const [one, two] = [await made.node({ antiEntropyMs: 100 }), await made.node({ antiEntropyMs: 100 })];
    const app = await made.tenant(one, await server().createDatabase());
    const ann = await made.client(one, app, 'ann');
    const ben = await made.client(two, app, 'ben');
    const { conversation_id: group } = await made.as(one, ann.caller, 'conversations.create', { member_ids: [ben.id] });
    await ann.client.say(group, 'found');
    await ben.client.until(() => ben.client.texts(group).length === 1);
    expect(ben.client.texts(group)).toEqual(['found']);
  });

  it('[ORD1] opens and migrates a database when it is first used, and counts usage of it', async () => {
    const installation = await install();
    const node = await installation.node();
    const url = await server().createDatabase();
    const app = await installation.tenant(node, url);
    expect(await rows(url, "SELECT 1 FROM pg_tables WHERE schemaname = 'public'")).toEqual([]);
    const { ann, group } = await talk(installation, node, app);
    await ann.client.say(group, 'x');
    expect((await rows(url, 'SELECT 1 FROM migrations')).length).toBeGreaterThan(1);
    expect((await rows<{ count: string }>(url, 'SELECT count(*) FROM tenants'))[0]?.count).toBe('0');
    await eventually(async () => (await installation.as(node, app.backend, 'usage.list', {})).items.some(({ messages }) => messages === 1));
  });

  it('[ISO1] places a tenant while it has no apps; afterwards only at another address of its own database', async () => {
    const installation = await install();
    const node = await installation.node();
    const own = await proxied();
    const { id } = await installation.admin(node, 'tenants.create', { name: 'Acme' });
    const place = (database_url: string | null): Promise<{ readonly database_url: string | null }> => installation.admin(node, 'tenants.update', { tenant_id: id, database_url });
    const wrong = await server().createDatabase();
    const shown = await place(wrong);
    expect(shown.database_url).toBe(`postgres://127.0.0.1:${server().port}${new URL(wrong).pathname}`);
    expect(await place(null)).toMatchObject({ database_url: null });
    await place(own.url);
    const app = await installation.app(node, id);
    const scene = await talk(installation, node, app);
    await scene.ann.client.say(scene.group, 'before');

    const held = { code: 'conflict', field: 'database_url' };
    await expect(place(null)).rejects.toMatchObject(held);
    await expect(place(wrong)).rejects.toMatchObject({ ...held, message: expect.stringContaining('it is empty') as unknown });
    const other = await server().createDatabase();
    const otherTenant = await installation.tenant(node, other);
    await installation.client(node, otherTenant, 'ann');
    await expect(place(other)).rejects.toMatchObject({ ...held, message: expect.stringContaining('another tenant') as unknown });
    const directory = await installation.node();
    await expect(installation.admin(directory, 'tenants.update', { tenant_id: otherTenant.tenant, database_url: own.direct })).rejects.toMatchObject(held);

    // As after a change of its password, or of its host.
    await place(own.direct);
    own.proxy.cut();
    own.proxy.leadTo(undefined, 'refuse');
    const again = await installation.connect(node, app);
    await again.hello(scene.ann.token);
    await again.say(scene.group, 'after');
    const facts = await installation.as(node, app.backend, 'messages.list', { conversation_id: scene.group });
    expect(facts.items.map(({ text }) => text)).toEqual(['before', 'after']);
    const plain = await installation.tenant(node);
    await expect(installation.admin(node, 'tenants.update', { tenant_id: plain.tenant, database_url: await server().createDatabase() })).rejects.toMatchObject(held);
  });

  it('[ISO1] refuses a database that is not for a tenant', async () => {
    const directory = await server().createDatabase();
    const installation = createInstallation(directory);
    installations.push(installation);
    const log = recordingLog();
    const node = await installation.node({ log });
    const foreign = await server().createDatabase();
    const stranger = createInstallation(foreign);
    installations.push(stranger);
    await stranger.node();
    for (const url of [directory, foreign]) {
      const app = await installation.tenant(node, url);
      await expect(installation.as(node, app.backend, 'users.create', { external_id: 'ann' })).rejects.toMatchObject({ code: 'unavailable' });
    }
    expect(log.lines.filter(({ event }) => event === 'tenant_database.failed').map(({ fields }) => fields['reason'])).toEqual([
      "it is an installation's own database; a tenant needs one of its own", 'it was made with the secret of another installation',
    ]);
  });

  it('[ISO1] removes what a deleted app had there, also when the database is dead at that moment', async () => {
    const installation = await install();
    const node = await installation.node();
    const own = await proxied();
    const app = await installation.tenant(node, own.url);
    const kept = await installation.app(node, app.tenant);
    const log = recordingLog();
    const unreachable = await installation.tenant(node, 'postgres://nobody:nothing@127.0.0.1:1/none');
    const scenes = [await talk(installation, node, app), await talk(installation, node, kept)];
    own.proxy.leadTo(undefined, 'refuse');
    own.proxy.cut();
    await installation.admin(node, 'apps.delete', { app_id: app.app });
    await expect(installation.admin(node, 'apps.get', { app_id: app.app })).rejects.toMatchObject({ code: 'not_found' });
    const streams = (): Promise<{ app_id: string }[]> => rows(own.direct, 'SELECT DISTINCT app_id FROM streams');
    expect(await streams()).toHaveLength(2);
    own.proxy.leadTo(server().port);
    await persist(scenes[1]!, 'still here');
    const { storage, bus, clock, databases } = node.domain;
    await createMaintenance(storage, bus, clock, log, databases).turn();
    // What it cannot do for one tenant keeps no other waiting.
    expect(log.lines.filter(({ event }) => event === 'maintenance.failed').map(({ fields }) => [fields['tenant'], fields['reason']])).toEqual([
      [unreachable.tenant, 'The database of the tenant does not answer at the moment.'],
    ]);
    expect(Number((await rows<{ keys_floor_ms: string }>(own.direct, 'SELECT keys_floor_ms FROM store'))[0]?.keys_floor_ms)).toBeGreaterThan(0);
    expect(await streams()).toHaveLength(1);

    await installation.admin(node, 'tenants.update', { tenant_id: app.tenant, status: 'suspended' });
    await installation.admin(node, 'tenants.delete', { tenant_id: app.tenant });
    expect(await streams()).toEqual([]);
    await expect(installation.admin(node, 'tenants.get', { tenant_id: app.tenant })).rejects.toMatchObject({ code: 'not_found' });
  });

  it('[FLW3] keeps no more databases open than it may, and closes for another what nobody needs', async () => {
    const installation = await install();
    const node = await installation.node({ tenants: { databases_max: 2, connections: 2 } });
    const urls = await Promise.all([0, 1, 2].map(() => server().createDatabase()));
    const apps: TenantApp[] = [];
    for (const url of urls) apps.push(await installation.tenant(node, url));
    const make = (app: TenantApp, name: string): Promise<unknown> => installation.as(node, app.backend, 'users.create', { external_id: name });
    for (const app of apps) await make(app, 'first');
    expect(node.domain.databases!.counts()).toEqual({ open: 2, down: 0 });
    const clients = [await installation.client(node, apps[0]!, 'ann'), await installation.client(node, apps[1]!, 'ann')];
    await expect(make(apps[2]!, 'second')).rejects.toMatchObject({ code: 'overloaded' });
    await Promise.all(apps.slice(0, 2).flatMap((app) => Array.from({ length: 20 }, (_, at) => make(app, `many-${at}`))));
    const [{ count }] = await rows<{ count: string }>(server().url, `SELECT count(*) FROM pg_stat_activity WHERE datname = '${new URL(urls[0]!).pathname.slice(1)}'`) as [{ count: string }];
    expect(Number(count)).toBeLessThanOrEqual(3);
    clients[0]!.client.destroy();
    await eventually(() => make(apps[2]!, 'third').then(() => true, (error: { readonly code: string }) => {
      expect(['overloaded', 'unavailable']).toContain(error.code);
      return false;
    }));
    expect(node.domain.databases!.counts().open).toBe(2);
  });

  it('[RES5] is backed up and restored by its own address; the directory\'s backup says where it is', async () => {
    const directoryUrl = await server().createDatabase();
    const installation = createInstallation(directoryUrl);
    installations.push(installation);
    const node = await installation.node();
    const own = await proxied();
    const app = await installation.tenant(node, own.url);
    const scene = await talk(installation, node, app);
    await scene.ann.client.say(scene.group, 'kept');
    const folder = mkdtempSync(join(tmpdir(), 'talaria-tenant-backup-'));
    const quiet = (): void => undefined;
    const choice = (url: string) => ({ data: folder, database: { url } });
    const { counts } = await backupDatabase(choice(own.direct), join(folder, 'tenant'), quiet);
    expect(counts).toMatchObject({ tenants: 0, apps: 0, tenant_databases: 0 });
    expect(counts['events']).toBeGreaterThan(0);
    const { counts: ofDirectory } = await backupDatabase(choice(directoryUrl), join(folder, 'directory'), quiet);
    expect(ofDirectory).toMatchObject({ tenants: 1, apps: 1, events: 0, tenant_databases: 1 });
    await scene.ann.client.say(scene.group, 'lost');

    // Its server is gone, and what was backed up stands in another.
    own.proxy.leadTo(undefined, 'refuse');
    own.proxy.cut();
    const restored = await server().createDatabase();
    const { epoch } = await restoreDatabase(choice(restored), join(folder, 'tenant'), undefined, quiet);
    await installation.admin(node, 'tenants.update', { tenant_id: app.tenant, database_url: restored });
    const again = await installation.connect(node, app);
    expect(await again.hello(scene.ben.token)).toMatchObject({ epoch });
    const { items } = await installation.as(node, app.backend, 'messages.list', { conversation_id: scene.group });
    expect(items.map(({ text }) => text)).toEqual(['kept']);

    // A copy of the installation leaves the databases alone that the other one works with, until it is told to take them.
    const copied = await server().createDatabase();
    await restoreDatabase(choice(copied), join(folder, 'directory'), undefined, quiet);
    const log = recordingLog();
    const copy = await installation.node({ database: { url: copied }, log });
    const users = (): Promise<unknown> => installation.as(copy, app.backend, 'users.list', {});
    own.proxy.leadTo(server().port);
    await expect(users()).rejects.toMatchObject({ code: 'unavailable' });
    expect(log.text()).toContain('it is at work for another installation');
    await installation.admin(copy, 'tenants.update', { tenant_id: app.tenant, database_url: restored });
    await eventually(() => users().then(() => true, () => false));

    // Another installation's database, or one that is not a directory, is no place for a node.
    await expect(createServer({ data: mkdtempSync(join(folder, 'node-')), port: 0, database: { url: restored } })).rejects.toThrow('it is the database of a tenant');
    const file = join(folder, 'file');
    await restoreDatabase({ data: file }, join(folder, 'directory'), undefined, quiet);
    await expect(createServer({ data: file, port: 0, secret: installation.secret })).rejects.toThrow('has tenants with databases of their own');
    rmSync(folder, { recursive: true });
  });
});
