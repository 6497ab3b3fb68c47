/**
 * What a write costs does not depend on how many members its conversation has: for every operation of the table that writes, the rows that
 * it writes are counted, in a conversation of three members and in one of three hundred.
 */
import Database from 'better-sqlite3';
import { operationIds, operations, type Operation, type OperationId } from '@talaria/protocol/operations';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { manualClock } from '../support/manual-clock.js';
import { startStage, type Scene, type Stage } from './support/stage.js';
import { BEFORE, INSTEAD } from './support/readied.js';
import { inputOf } from './support/table-inputs.js';
import { makeThings, type Things } from './support/things.js';

const FEW = 3;
const MANY = 300;
const AT_ONCE = 100;

/** Written by nobody's command: a reader of the log, or whoever comes back, writes there when it likes. */
const BESIDE = new Set(['consumers', 'usage_hours', 'last_seen', 'sqlite_sequence']);
/** What writes, and is of no conversation, or of nobody who is in one. */
const OF_NO_CONVERSATION = /^(?:auth|identity|accounts|sessions|session|tenants|apps|keys|operators|connections|traces|search)\.|^users\.create$/;

const writing = operationIds.filter((id) => {
  const { method, scope, command }: Operation = operations[id];
  return (command || (method !== 'GET' && scope?.endsWith(':write'))) && !OF_NO_CONVERSATION.test(id);
});

let stage: Stage;
let own: Scene;
let database: Database.Database;
let users: readonly string[];

beforeAll(async () => {
  // Nothing falls due while it stands, and no password is worth the wait.
  stage = await startStage({ search: false, clock: manualClock(), passwordHash: { hash: (password) => Promise.resolve(password), verify: (hash, password) => Promise.resolve(hash === password) } });
  own = await stage.scene();
  users = await Promise.all(Array.from({ length: MANY }, async (_, at) => (await stage.done('users.create', { external_id: `member ${at}` }, { as: own.key })).id));
  database = new Database(join(stage.world.directory, 'talaria.db'));
  countWrites();
}, 60_000);
afterAll(async () => {
  database.close();
  await stage.stop();
});

/** Each row that is written or removed leaves a note, whoever writes it. */
function countWrites(): void {
  const tables = database.prepare<[], { name: string }>("SELECT name FROM sqlite_master WHERE type = 'table'").all().map(({ name }) => name).filter((name) => !BESIDE.has(name));
  database.exec('CREATE TABLE written (name TEXT PRIMARY KEY, count INTEGER NOT NULL) WITHOUT ROWID');
  for (const table of tables) {
    for (const event of ['INSERT', 'UPDATE', 'DELETE']) {
      database.exec(`CREATE TRIGGER written_${table}_${event} AFTER ${event} ON ${table} BEGIN INSERT INTO written VALUES ('${table}', 1) ON CONFLICT DO UPDATE SET count = count + 1; END`);
    }
  }
}

/** How many rows of each table were written since it was asked for last. */
function written(): Readonly<Record<string, number>> {
  const counts = database.prepare<[], { name: string; count: number }>('SELECT name, count FROM written').all();
  database.exec('DELETE FROM written');
  return Object.fromEntries(counts.map(({ name, count }) => [name, count]));
}

interface Attempt {
  readonly actor: string | undefined;
  /** Whether whom the operation is about is a member. */
  readonly inside: boolean;
}

/** Somebody does it for whom it can be done: whoever made the things, whom they are about, who waits, or the app itself. */
const ATTEMPTS: readonly Attempt[] = [true, false].flatMap((inside) => ['ext:alice', 'subject', undefined, 'ext:bob', 'ext:yan'].map((actor) => ({ actor, inside })));

let made = 0;
/** A conversation of so many, with all that can be named in it. */
async function furnished(size: number, inside: boolean): Promise<Things> {
  const { conversation_id: group } = await stage.done('conversations.create', { member_ids: ['ext:bob'], name: 'many' }, { as: own.alice.token });
  const rest = users.slice(0, size - (inside ? FEW : FEW - 1));
  for (let at = 0; at < rest.length; at += AT_ONCE) await stage.done('members.add', { conversation_id: group, member_ids: rest.slice(at, at + AT_ONCE) }, { as: own.key });
  const things = await makeThings(stage, { ...own, group }, `subject ${made += 1}`, 'ext:alice');
  if (inside) await stage.done('members.add', { conversation_id: group, member_ids: [things.user] }, { as: own.key });
  expect((await stage.done('conversations.get', { conversation_id: group }, { as: own.key })).member_count).toBe(size);
  return things;
}

/** Why not, of one operation. */
const refused: string[] = [];

/** @returns what it has written; undefined when it was refused */
async function costs(id: OperationId, size: number, { actor, inside }: Attempt): Promise<Readonly<Record<string, number>> | undefined> {
  const takesWhom = 'as_user_id' in operations[id].input.shape;
  if (!takesWhom && actor !== undefined) return undefined;
  const things = await furnished(size, inside);
  for (const [first, input] of BEFORE[id] ?? []) await stage.done(first, input(things), { as: own.key });
  const whom = actor === 'subject' ? things.user : actor;
  const input = { ...inputOf(id, things), ...INSTEAD[id]?.(things), ...(whom !== undefined && { as_user_id: whom }) };
  written();
  const reply = await stage.call(id, input, { as: own.key });
  if (reply.status !== 200) refused.push(`${actor ?? 'the app'}: ${reply.text}`);
  return reply.status === 200 ? written() : undefined;
}

describe('what a write costs', () => {
  it.each(writing)('%s writes as many rows among three hundred members as among three', async (id) => {
    refused.length = 0;
    for (const attempt of ATTEMPTS) {
      const few = await costs(id, FEW, attempt);
      if (!few) continue;
      expect(await costs(id, MANY, attempt)).toEqual(few);
      return;
    }
    throw new Error(`${id}: say in readied.ts what it needs. ${refused.join('\n')}`);
  });

  it('a message is one row of the log, however many get it', async () => {
    const { conversation } = await furnished(MANY, true);
    written();
    await stage.done('messages.send', { conversation_id: conversation, text: 'to all of you', as_user_id: 'ext:alice', mentions: { everyone: true } }, { as: own.key });
    // Its entries say that it mentions everyone, and that they are not the one who wrote it.
    expect(written()).toEqual({ events: 1, streams: 1, command_keys: 1, members: 1, entries: 2 });
  });

  it('and what is of each member is seen: so it is where members are named', async () => {
    const { conversation } = await furnished(FEW, true);
    written();
    await stage.done('members.add', { conversation_id: conversation, member_ids: users.slice(50, 80) }, { as: own.key });
    expect(written()).toMatchObject({ members: 30, member_intervals: 30 });
  });
});
