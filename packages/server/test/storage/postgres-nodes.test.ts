/** Several nodes on one Postgres, and what Postgres itself does to them (F12). */
import { startsOwnPostgres } from '@talaria/services';
import postgres from 'postgres';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Command } from '../../src/storage/command.js';
import { Lane } from '../../src/storage/lane.js';
import type { Storage } from '../../src/storage/port.js';
import { openPostgres, type PostgresOptions } from '../../src/storage/postgres/driver.js';
import { createIdCodec } from '../../src/storage/postgres/ids.js';
import { usePostgres } from '../support/postgres.js';
import { stagedOptions } from './postgres-harness.js';
import { createWorld, isRetryable, refusedWith, type World } from './world.js';

const server = usePostgres();
let url: string;
let sql: postgres.Sql;
const opened: Storage[] = [];
let worlds = 90;

beforeAll(async () => {
  url = await server().createDatabase();
  sql = postgres(url, { max: 2, onnotice: () => undefined });
});
afterEach(async () => {
  await Promise.all(opened.splice(0).map((storage) => storage.stop()));
});
afterAll(() => sql.end());

async function nodes(count: number, options: Partial<PostgresOptions> = {}): Promise<Storage[]> {
  const made = await Promise.all(Array.from({ length: count }, () => openPostgres(stagedOptions(url, options))));
  opened.push(...made);
  return made;
}

const world = (storage: Storage): World => createWorld(storage, worlds += 1);

/** Sends again, with the same client id, until there is an answer that stands. */
async function persist(storage: Storage, command: Command): Promise<{ readonly seq: number; readonly duplicate: boolean }> {
  for (;;) {
    const outcome = await storage.append(command, new Lane());
    if (outcome.ok) return { seq: outcome.place.seq, duplicate: outcome.duplicate };
    // A mistake of the program may be tried again too, and is one.
    if (!isRetryable(outcome) || outcome.refusal.code === 'internal') throw new Error(outcome.refusal.code);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

/** The log of a conversation has every seq once, and each message once. */
async function checkLog(place: World, group: string, texts: readonly string[]): Promise<void> {
  const facts = await place.facts(group, null);
  expect(facts.map((fact) => fact.seq)).toEqual(Array.from({ length: facts.length }, (_, at) => at + 1));
  const said = facts.filter((fact) => fact.type === 'message.created').map((fact) => (JSON.parse(fact.payload) as { text: string }).text);
  expect([...said].sort()).toEqual([...texts].sort());
}

describe('nodes on one Postgres', () => {
  it('[CLU1,ORD1] append to the same streams, each seq once, and count right', async () => {
    const all = await nodes(3);
    const place = world(all[0]!);
    const users = await place.users(6);
    const groups = await Promise.all([0, 1, 2].map(() => place.group(users[0]!, users.slice(1))));
    const texts = Array.from({ length: 240 }, (_, at) => `m${at}`);
    await Promise.all(texts.map((text, at) => persist(all[at % 3]!, place.message({ user: users[at % 6]!, conversation: groups[at % 3 === 0 ? 0 : at % 2]!, text }))));
    await checkLog(place, groups[0]!, texts.filter((_, at) => at % 3 === 0 || at % 2 === 0));
    await checkLog(place, groups[1]!, texts.filter((_, at) => at % 3 !== 0 && at % 2 === 1));
    for (const group of groups) {
      const counted = (await place.facts(group, null)).filter((fact) => fact.type === 'message.created');
      expect(counted.map((fact) => fact.ordinal)).toEqual(counted.map((_, at) => at + 1));
    }
  });

  it('[SND2] know a command that another node has done, also while that is doing it', async () => {
    const all = await nodes(3);
    const place = world(all[0]!);
    const [ann, ben] = await place.users(2) as [string, string];
    const group = await place.group(ann, [ben]);
    const sends = Array.from({ length: 40 }, (_, at) => place.message({ user: ben, conversation: group, text: `once ${at}` }));
    const answers = await Promise.all(sends.flatMap((command) => all.map((storage) => persist(storage, command))));
    for (let at = 0; at < sends.length; at += 1) {
      const three = answers.slice(at * 3, at * 3 + 3);
      expect(new Set(three.map(({ seq }) => seq)).size).toBe(1);
      expect(three.filter(({ duplicate }) => !duplicate)).toHaveLength(1);
    }
    await checkLog(place, group, sends.map((_, at) => `once ${at}`));
    const creations = Array.from({ length: 10 }, () => place.command('conversation.create', { user: ann, conversationKind: 'group', name: '', data: '{}', history: 'all', members: [ben] }));
    const made = await Promise.all(creations.flatMap((command) => all.map((storage) => persist(storage, command))));
    expect(made.filter(({ duplicate }) => !duplicate)).toHaveLength(10);
  });

  it('[SND2] know it also when batches follow each other closely, and some have to be written once more', async () => {
    const all = await nodes(3);
    const place = world(all[0]!);
    const [ann, ben] = await place.users(2) as [string, string];
    const groups = await Promise.all([0, 1].map(() => place.group(ann, [ben])));
    const texts = Array.from({ length: 150 }, (_, at) => `often ${at}`);
    const answers: Promise<{ readonly seq: number; readonly duplicate: boolean }>[] = [];
    for (const [at, text] of texts.entries()) {
      const command = place.message({ user: ben, conversation: groups[at % 2]!, text });
      for (const storage of all) answers.push(persist(storage, command));
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect((await Promise.all(answers)).filter(({ duplicate }) => !duplicate)).toHaveLength(texts.length);
    for (const [at, group] of groups.entries()) await checkLog(place, group, texts.filter((_, which) => which % 2 === at));
  });

  it('[ISO4,SND2] decide by what other nodes have changed, and answer a repeat of one who may no longer act', async () => {
    const all = await nodes(3);
    const [near, far] = all as [Storage, Storage];
    const place = world(near);
    const [ann, ben] = await place.users(2) as [string, string];
    const group = await place.group(ann, [ben]);
    const first = place.message({ user: ben, conversation: group, text: 'one' });
    expect(await persist(near, first)).toMatchObject({ duplicate: false });
    await persist(near, place.message({ user: ben, conversation: group, text: 'two' }));
    await persist(far, place.command('member.update', { user: ann, conversation: group, member: ben, role: 'reader' }));
    expect(refusedWith(await near.append(place.message({ user: ben, conversation: group, text: 'no' }), new Lane()))).toBe('forbidden');
    await persist(far, place.command('member.remove', { user: ann, conversation: group, member: ben }));
    expect(refusedWith(await near.append(place.message({ user: ben, conversation: group, text: 'no' }), new Lane()))).toBe('not_found');
    expect(await persist(near, first)).toMatchObject({ duplicate: true });
    await persist(far, place.command('member.add', { user: ann, conversation: group, members: [ben], role: 'member' }));
    await persist(far, place.message({ user: ben, conversation: group, text: 'three' }));
    await persist(near, place.message({ user: ben, conversation: group, text: 'four' }));
    await checkLog(place, group, ['one', 'two', 'three', 'four']);
    expect((await place.facts(group, null)).filter((fact) => fact.actor === ben).map((fact) => fact.senderOrdinal)).toEqual([1, 2, 3, 4]);
  });

  it('[ISO4,CNT1,CNT3] agree with a model on who may send, who has said how much and read what, whichever node is asked', async () => {
    const all = await nodes(3);
    const place = world(all[0]!);
    const users = await place.users(4);
    const [owner, ...others] = users as [string, ...string[]];
    const group = await place.group(owner, others, 'all');
    const roles = new Map(users.map((user) => [user, user === owner ? 'owner' : 'member']));
    const said = new Map<string, number>();
    const texts: string[] = [];
    let state = 42;
    const below = (limit: number): number => {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
      return Math.floor((state / 2 ** 32) * limit);
    };
    for (let at = 0; at < 300; at += 1) {
      const storage = all[below(3)]!;
      const user = others[below(3)]!;
      const role = roles.get(user);
      switch (below(8)) {
        case 0:
          if (role) await persist(storage, place.command('member.remove', { user: owner, conversation: group, member: user }));
          else await persist(storage, place.command('member.add', { user: owner, conversation: group, members: [user], role: 'member' }));
          if (role) roles.delete(user);
          else roles.set(user, 'member');
          break;
        case 1:
          if (!role) break;
          roles.set(user, role === 'reader' ? 'member' : 'reader');
          await persist(storage, place.command('member.update', { user: owner, conversation: group, member: user, role: role === 'reader' ? 'member' : 'reader' }));
          break;
        case 2:
          if (role) expect(await storage.mark({ app: place.app, conversation: group, user, deliveredSeq: 0, readSeq: 1_000_000 })).toMatchObject({ ok: true });
          break;
        case 3:
          if (role && texts.length > 0) await persist(storage, place.command('conversation.mark_unread', { user, conversation: group, fromSeq: 1_000_000 })).catch((error: Error) => expect(error.message).toBe('invalid_argument'));
          break;
        default: {
          const outcome = await storage.append(place.message({ user, conversation: group, text: `m${at}` }), new Lane());
          expect(refusedWith(outcome)).toBe(role === 'member' ? undefined : role === 'reader' ? 'forbidden' : 'not_found');
          if (!outcome.ok) break;
          texts.push(`m${at}`);
          said.set(user, (said.get(user) ?? 0) + 1);
          expect(outcome.facts[0]).toMatchObject({ ordinal: texts.length, senderOrdinal: said.get(user) });
        }
      }
    }
    expect(texts.length).toBeGreaterThan(50);
    await checkLog(place, group, texts);
  });

  it('[ORD1] make one direct conversation of a pair, whichever nodes are asked', async () => {
    const all = await nodes(3);
    const place = world(all[0]!);
    const [ann, ben] = await place.users(2) as [string, string];
    const asked = await Promise.all(all.flatMap((storage, at) => [ann, ben].map((user) => storage.append(place.command('conversation.create', {
      user, conversationKind: 'direct', name: '', data: '{}', history: 'all', members: [at % 2 === 0 ? ann : ben, user === ann ? ben : ann],
    }), new Lane()))));
    const streams = asked.flatMap((outcome) => (outcome.ok ? [outcome.place.stream] : []));
    expect(streams.length).toBeGreaterThan(0);
    expect(new Set(streams).size).toBe(1);
  });

  it('[CLU3] hand nothing to consumers that an open transaction may still come before, and tell feeds all the same', async () => {
    const [storage] = await nodes(1) as [Storage];
    const place = world(storage);
    const [ann, ben] = await place.users(2) as [string, string];
    const group = await place.group(ann, [ben]);
    const before = await storage.info();
    const held = await sql.reserve();
    await held`BEGIN`;
    await held`SELECT pg_current_xact_id()`;
    const seq = await place.say(group, ann, 'behind the horizon');
    expect(await storage.factsAfterPosition(before.position, 10)).toEqual([]);
    expect(await storage.usageAfterPosition(before.position, 10)).toBeNull();
    expect(await storage.info()).toMatchObject({ position: before.position, eventId: before.eventId });
    const moved = await storage.moved(before.position, 10);
    expect(moved).toMatchObject({ places: [{ stream: group, seq }], settled: null, next: null });
    await held`COMMIT`;
    held.release();
    expect((await storage.factsAfterPosition(before.position, 10)).map((fact) => fact.seq)).toEqual([seq]);
    expect((await storage.moved(before.position, 10)).settled).toEqual({ position: moved.places[0]!.position, eventId: moved.places[0]!.eventId });
  });

  it('[CLU3] a consumer that pages while three nodes write sees every fact once', async () => {
    const all = await nodes(3);
    const place = world(all[0]!);
    const [ann, ben] = await place.users(2) as [string, string];
    const groups = await Promise.all([0, 1, 2, 3].map(() => place.group(ann, [ben])));
    let { position } = await all[0]!.info();
    const seen: string[] = [];
    let writing = true;
    const consumer = (async () => {
      for (;;) {
        const over = !writing;
        const page = await all[1]!.factsAfterPosition(position, 7);
        seen.push(...page.map((fact) => fact.eventId));
        position = page.at(-1)?.position ?? position;
        if (page.length === 0 && over) return;
      }
    })();
    const outcomes = await Promise.all(Array.from({ length: 300 }, (_, at) => place.message({ user: ben, conversation: groups[at % 4]!, text: `m${at}` }))
      .map((command, at) => persist(all[at % 3]!, command)));
    writing = false;
    await consumer;
    expect(outcomes).toHaveLength(300);
    expect(seen).toHaveLength(300);
    expect(new Set(seen).size).toBe(300);
  });

  it('[ISO4,SND2] lose and repeat nothing when their connections are killed all the time', async () => {
    const all = await nodes(2);
    const place = world(all[0]!);
    const [ann, ben] = await place.users(2) as [string, string];
    const group = await place.group(ann, [ben]);
    let killed = 0;
    const killer = setInterval(() => {
      void sql<{ ended: boolean }[]>`SELECT pg_terminate_backend(pid) AS ended FROM pg_stat_activity WHERE application_name = 'talaria'`.then((rows) => {
        killed += rows.length;
      }, () => undefined);
    }, 60);
    const texts: string[] = [];
    try {
      for (let round = 0; round < 40; round += 1) {
        const sends = Array.from({ length: 10 }, (_, at) => `r${round} ${at}`);
        texts.push(...sends);
        await Promise.all(sends.map((text, at) => persist(all[at % 2]!, place.message({ user: ben, conversation: group, text }))));
        await place.facts(group, null).catch(() => undefined);
      }
    } finally {
      clearInterval(killer);
    }
    expect(killed).toBeGreaterThan(3);
    await checkLog(place, group, texts);
  });

  it('[ISO4] refuse what another session holds, after a while, and go on with the rest', async () => {
    const [storage] = await nodes(1, { timeouts: { lock_timeout_ms: 100 } }) as [Storage];
    const place = world(storage);
    const [ann, ben] = await place.users(2) as [string, string];
    const [stuck, free] = [await place.group(ann, [ben]), await place.group(ann, [ben])];
    const held = await sql.reserve();
    await held`BEGIN`;
    await held`SELECT 1 FROM streams WHERE stream_id = ${createIdCodec().uuid(stuck)} FOR UPDATE`;
    const outcomes = await Promise.all([stuck, free].map((group) => storage.append(place.message({ user: ann, conversation: group, text: 'now' }), new Lane())));
    expect(outcomes.map(refusedWith)).toEqual(['unavailable', undefined]);
    await held`COMMIT`;
    held.release();
    for (const group of [stuck, free]) await persist(storage, place.message({ user: ann, conversation: group, text: 'later' }));
  });

  it('[CLU1] start at once on an empty database, ten of them', async () => {
    const fresh = await server().createDatabase();
    const all = await Promise.all(Array.from({ length: 10 }, () => openPostgres(stagedOptions(fresh))));
    const infos = await Promise.all(all.map((storage) => storage.info()));
    expect(new Set(infos.map((info) => info.epoch)).size).toBe(1);
    await Promise.all(all.map((storage) => storage.stop()));
  });

  it('[CLU1] refuse a database that another program uses, and one of a newer Talaria', async () => {
    const foreign = await server().createDatabase();
    const other = postgres(foreign, { max: 1 });
    await other`CREATE TABLE orders (id integer)`;
    await expect(openPostgres(stagedOptions(foreign))).rejects.toThrow('the database belongs to another program: it has a table orders');
    await other`DROP TABLE orders`;
    const storage = await openPostgres(stagedOptions(foreign));
    await storage.stop();
    await other`INSERT INTO migrations (version, name, checksum, applied_ms) VALUES (999, 'later', 'x', 0)`;
    await expect(openPostgres(stagedOptions(foreign))).rejects.toThrow('newer than this program');
    await other.end();
  });
});

describe('a Postgres that goes away', () => {
  it.skipIf(!startsOwnPostgres())('[SND1] is not ready, refuses retryably, and goes on when it is back', async () => {
    const [storage] = await nodes(1, { timeouts: { connect_timeout_ms: 500 } }) as [Storage];
    const place = world(storage);
    const [ann, ben] = await place.users(2) as [string, string];
    const group = await place.group(ann, [ben]);
    server().process!.signal('SIGQUIT');
    await server().process!.ended;
    const command = place.message({ user: ann, conversation: group, text: 'while it was away' });
    const outcome = await storage.append(command, new Lane());
    expect(isRetryable(outcome)).toBe(true);
    expect(storage.ready()).toBe(false);
    await expect(storage.info()).rejects.toMatchObject({ code: 'unavailable' });
    await server().restart();
    await persist(storage, command);
    expect(storage.ready()).toBe(true);
    await checkLog(place, group, ['while it was away']);
  });
});
