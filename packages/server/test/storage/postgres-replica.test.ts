/** Reads from a real streaming replica: while it follows, while it lags, and when it is gone. */
import { startPostgres, type PostgresReplica } from '@talaria/services';
import postgres from 'postgres';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { LAGGING_READS, type Storage } from '../../src/storage/port.js';
import { openPostgres } from '../../src/storage/postgres/driver.js';
import { openPostgresReplica } from '../../src/storage/postgres/replica.js';
import { LOOK_MS, watchReplica, type Replica } from '../../src/storage/replica.js';
import { manualClock, type ManualClock } from '../support/manual-clock.js';
import { usePostgres } from '../support/postgres.js';
import { recordingLog, type RecordingLog } from '../support/recording-log.js';
import { stagedOptions } from './postgres-harness.js';
import { createScene, type TransferScene } from './transfer-scene.js';
import { createWorld, type World } from './world.js';

const LAG_MAX_MS = 5_000;
const server = usePostgres({ own: true });
let copy: PostgresReplica;
let url: string;
let storage: Storage;
let clock: ManualClock;
let log: RecordingLog;
let replica: Replica | undefined;
let worlds = 6_000;

beforeAll(async () => {
  copy = await server().startReplica();
  // A role that may do nothing but what it owns.
  const admin = postgres(server().url, { max: 1 });
  await admin`CREATE ROLE plain LOGIN PASSWORD 'plain'`;
  await admin`CREATE DATABASE plainly OWNER plain`;
  await admin.end();
  const own = new URL(server().url);
  [own.username, own.password, own.pathname] = ['plain', 'plain', '/plainly'];
  url = own.href;
  storage = await openPostgres(stagedOptions(url));
});
afterAll(async () => {
  await storage.stop();
  await copy.stop();
});
beforeEach(() => {
  clock = manualClock();
  log = recordingLog();
});
afterEach(() => replica?.stop());

const portTo = (replicaUrl: string) => openPostgresReplica({ primary: { url }, replica: { url: replicaUrl }, connections_max: 2, now: () => 1 });

async function watch(replicaUrl = copy.urlOf(url)): Promise<Replica> {
  replica = watchReplica({ storage, port: await portTo(replicaUrl), lag_max_ms: LAG_MAX_MS, clock, log });
  return replica;
}

/** Time goes on, a look at a time, until something holds. */
async function until(what: () => void): Promise<void> {
  await vi.waitFor(() => {
    clock.advance(LOOK_MS);
    what();
  }, { timeout: 20_000, interval: 40 });
}

const said = (event: string): number => log.lines.filter((line) => line.event === event).length;
const world = (): World => createWorld(storage, worlds += 1);

async function textsOf(from: Storage, place: World, group: string): Promise<readonly string[]> {
  const page = await from.messages({ app: place.app, conversation: group, viewer: null, anchor: { kind: 'newest' }, limit: 50 });
  return page!.items.map(({ payload }) => (JSON.parse(payload) as { text: string }).text);
}

/** Everything that may lag, as a storage answers it. */
async function answers(from: Storage, { world: { app }, users, groups }: TransferScene): Promise<Readonly<Record<(typeof LAGGING_READS)[number], unknown>>> {
  return {
    messages: await from.messages({ app, conversation: groups[0]!, viewer: users[1]!, anchor: { kind: 'newest' }, limit: 100 }), inbox: await from.inbox(app, users[1]!, 10, null),
    members: await from.members(app, null, groups[0]!, 10, null), conversations: await from.conversations(app, 10, null), users: await from.users(app, 10, null), tenants: await from.tenants(10, null), apps: await from.apps(null, 10, null),
    usage: await from.usage(app, 0, 10 ** 12),
  };
}

describe('a replica', () => {
  it('[ISO1] is not asked for what is of a tenant with a database of its own', async () => {
    const scene = await createScene(storage, worlds += 1);
    replica = watchReplica({ storage, port: await portTo(copy.urlOf(url)), ofTenant: (app) => app === scene.world.app, lag_max_ms: LAG_MAX_MS, clock, log });
    await until(() => expect(said('replica.used')).toBe(1));
    const { counts } = replica;
    expect(await answers(replica.open().storage, scene)).toEqual(await answers(storage, scene));
    // Tenants and apps are the directory's own.
    expect(counts).toEqual({ replica: 2, primary: LAGGING_READS.length - 2 });
  });

  it('answers as the database does, once it is known how far it is', async () => {
    const scene = await createScene(storage, worlds += 1);
    const watched = await watch();
    const early = watched.open();
    expect(await answers(early.storage, scene)).toEqual(await answers(storage, scene));
    // The first beat may have arrived while it was asked.
    expect(watched.counts.replica + watched.counts.primary).toBe(LAGGING_READS.length);
    const { replica: before } = watched.counts;
    await until(() => expect(watched.lagMs()).toBeLessThanOrEqual(2 * LOOK_MS));
    await until(() => expect(said('replica.used')).toBe(1));
    const later = watched.open();
    expect(await answers(later.storage, scene)).toEqual(await answers(storage, scene));
    expect(watched.counts.replica - before).toBe(LAGGING_READS.length);
    expect(later.lagMs()).toBeGreaterThanOrEqual(0);
    expect(later.lagMs()).toBeLessThanOrEqual(LAG_MAX_MS);
    // Everything else is the database's own.
    expect(later.storage.append).toBe(storage.append);
    for (const name of ['resume', 'facts', 'changes', 'marks', 'head', 'moved', 'key', 'app', 'user', 'revocations', 'commandKnown', 'intervals'] as const) expect(later.storage[name], name).toBe(storage[name]);
  });

  it('is read while it is behind by less than its bound, and not a moment longer', async () => {
    const place = world();
    const [ann] = await place.users(1) as [string];
    const group = await place.group(ann, []);
    await place.say(group, ann, 'before');
    const watched = await watch();
    await until(() => expect(said('replica.used')).toBe(1));
    await until(() => expect(watched.lagMs()).toBeLessThanOrEqual(2 * LOOK_MS));
    await copy.pauseReplay();
    try {
      await place.say(group, ann, 'behind');
      expect(await textsOf(storage, place, group)).toEqual(['before', 'behind']);
      const within = watched.open();
      expect(await textsOf(within.storage, place, group)).toEqual(['before']);
      expect(within.lagMs()).toBeLessThanOrEqual(LAG_MAX_MS);
      // No look in between: the age of what is known is enough.
      clock.advance(LAG_MAX_MS + 1);
      const beyond = watched.open();
      expect(await textsOf(beyond.storage, place, group)).toEqual(['before', 'behind']);
      expect(beyond.lagMs()).toBeNull();
      await until(() => expect(said('replica.lagging')).toBe(1));
      expect(watched.lagMs()).toBeGreaterThan(LAG_MAX_MS);
    } finally {
      await copy.resumeReplay();
    }
    await until(() => expect(said('replica.used')).toBe(2));
    await until(() => expect(watched.lagMs()).toBeLessThanOrEqual(2 * LOOK_MS));
    expect(await textsOf(watched.open().storage, place, group)).toEqual(['before', 'behind']);
  });

  it('that is killed fails no read, and is used again when it is back', async () => {
    const place = world();
    const [ann] = await place.users(1) as [string];
    const group = await place.group(ann, []);
    await place.say(group, ann, 'kept');
    const watched = await watch();
    await until(() => expect(said('replica.used')).toBe(1));
    const reads = Array.from({ length: 40 }, async (_, at) => {
      if (at === 20) copy.process.signal('SIGQUIT');
      return textsOf(watched.open().storage, place, group);
    });
    for (const texts of await Promise.all(reads)) expect(texts).toEqual(['kept']);
    await until(() => expect(said('replica.unreachable')).toBe(1));
    const before = watched.counts.replica;
    expect(await textsOf(watched.open().storage, place, group)).toEqual(['kept']);
    expect(watched.counts.replica).toBe(before);
    await copy.restart();
    await until(() => expect(said('replica.used')).toBe(2));
    await textsOf(watched.open().storage, place, group);
    expect(watched.counts.replica).toBe(before + 1);
  });

  it('that is not there at the start is no reason not to start', async () => {
    const nowhere = new URL(url);
    nowhere.port = '1';
    const watched = await watch(nowhere.href);
    await until(() => expect(said('replica.unreachable')).toBe(1));
    const users = await watched.open().storage.users(world().app, 10, null);
    expect([users.items, watched.counts]).toEqual([[], { replica: 0, primary: 1 }]);
    expect(log.text()).not.toContain('plain:');
  });

  it('leaves no beats behind', async () => {
    const watched = await watch();
    await until(() => expect(said('replica.used')).toBe(1));
    const sql = postgres(url, { max: 1 });
    expect(await sql`SELECT beat FROM replica_beats`).toHaveLength(1);
    await watched.stop();
    expect(await sql`SELECT beat FROM replica_beats`).toHaveLength(0);
    await sql.end();
  });

  it('of another server, or of another database, is refused with one sentence', async () => {
    const other = await startPostgres({ own: true });
    try {
      await expect(portTo(other.url)).rejects.toThrow(/^it is no replica of the database: it belongs to the Postgres system \d+, not \d+$/);
    } finally {
      await other.stop();
    }
    const beside = copy.urlOf(await server().createDatabase());
    await vi.waitFor(() => expect(portTo(beside)).rejects.toThrow('it is no replica of the database: it is another database of the same Postgres system; name the same one in both URLs'), { timeout: 10_000 });
  });

  it('that has gone its own way is not read', async () => {
    const place = world();
    const [ann] = await place.users(1) as [string];
    const group = await place.group(ann, []);
    const watched = await watch();
    await until(() => expect(said('replica.used')).toBe(1));
    const astray = postgres(copy.urlOf(server().url), { max: 1 });
    await astray`SELECT pg_promote()`;
    await astray.end();
    await place.say(group, ann, 'on the primary alone');
    await until(() => expect(said('replica.lagging')).toBe(1));
    expect(await textsOf(watched.open().storage, place, group)).toEqual(['on the primary alone']);
    // A node that starts anew learns it too: its beats do not arrive.
    await watched.stop();
    const again = await watch();
    await until(() => expect(said('replica.lagging')).toBe(2));
    expect(again.lagMs()).toBe(Number.POSITIVE_INFINITY);
    expect(await textsOf(again.open().storage, place, group)).toEqual(['on the primary alone']);
  });
});
