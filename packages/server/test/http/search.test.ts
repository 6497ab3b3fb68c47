/** Search over HTTP: what is found, by whom, and what no input can do. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { OperationOutput } from '@talaria/protocol/operations';
import { expectProblem } from './support/reply.js';
import { startStage, type Scene, type Stage } from './support/stage.js';

type Found = OperationOutput<'search.messages'>;

let stage: Stage;
let scene: Scene;

beforeAll(async () => {
  stage = await startStage();
  scene = await stage.scene();
  await stage.done('users.create', { external_id: 'carol' }, { as: scene.key });
});
afterAll(() => stage.stop());

/** What the indexer does each second. */
async function index(): Promise<void> {
  const { storage } = stage.world.server.domain;
  while ((await storage.indexMessages({ nowMs: 0, limit: 1_000, sweep: 1_000 })).more);
}

async function say(text: string, input: Record<string, unknown> = {}, by = scene.alice): Promise<string> {
  const { id } = await stage.done('messages.send', { conversation_id: scene.group, text, ...input }, { as: by.token });
  return id;
}

const search = (input: Record<string, unknown>, as = scene.alice.token): Promise<Found> => stage.done('search.messages', input, { as });
const ids = async (input: Record<string, unknown>, as?: string): Promise<string[]> => (await search(input, as)).items.map(({ message }) => message.id);

describe('messages', () => {
  it('are found by words, phrases and beginnings of words, the newest first, with what was found', async () => {
    const first = await say('The Quarterly Report is due');
    const second = await say('report: quarterly figures — Café & Tea');
    await index();
    expect(await ids({ q: 'quarterly report' })).toEqual([second, first]);
    expect(await ids({ phrase: 'quarterly report' })).toEqual([first]);
    expect(await ids({ q: 'quart' })).toEqual([]);
    expect(await ids({ q: 'report quart', prefix: true })).toEqual([second, first]);
    const [hit] = (await search({ q: 'CAFE figures' })).items;
    expect(hit!.highlights.map(({ from, to }) => hit!.message.text.slice(from, to))).toEqual(['figures', 'Café']);
    // Marked text in other units than UTF-16 would be cut behind a sign outside of the first plane.
    const emoji = await say('👩‍🚀 launch 👍 window');
    await index();
    const [launch] = (await search({ q: 'window' })).items;
    expect(launch!.message.id).toBe(emoji);
    expect(launch!.highlights.map(({ from, to }) => launch!.message.text.slice(from, to))).toEqual(['window']);
  });

  it('are found by sender, conversation, time, and what they hold', async () => {
    const { conversation_id: other } = await stage.done('conversations.create', { kind: 'group', name: 'second', member_ids: [scene.bob.id] }, { as: scene.alice.token });
    const link = await say('filter me https://example.com/page');
    const data = await say('filter me', { data: { attachment: { name: 'x' } } });
    const bobs = await say('filter me', {}, scene.bob);
    const elsewhere = await say('filter me', { conversation_id: other });
    await index();
    expect(await ids({ q: 'filter' })).toEqual([elsewhere, bobs, data, link]);
    expect(await ids({ q: 'filter', from_user_ids: ['ext:bob'] })).toEqual([bobs]);
    expect(await ids({ q: 'filter', from_user_ids: ['me'] })).toEqual([elsewhere, data, link]);
    expect(await ids({ q: 'filter', conversation_ids: [other] })).toEqual([elsewhere]);
    expect(await ids({ q: 'filter', has: ['link'] })).toEqual([link]);
    expect(await ids({ has: ['data', 'data.attachment'] })).toEqual([data]);
    expect(await ids({ has: ['data.attach'] })).toEqual([]);
    const { created_ms: at } = await stage.done('messages.get', { message_id: data }, { as: scene.alice.token });
    expect(await ids({ q: 'filter', after_ms: at })).toContain(data);
    expect(await ids({ q: 'filter', before_ms: at })).not.toContain(data);
    expect(await ids({ q: 'filter', after_ms: at + 86_400_000 })).toEqual([]);
    expect(await ids({ q: 'filter', before_ms: 10, after_ms: 20 })).toEqual([]);
  });

  it('come in pages that hold everything once', async () => {
    const sent: string[] = [];
    for (let at = 0; at < 23; at += 1) sent.push(await say(`paged ${at}`));
    await index();
    const seen: string[] = [];
    let after: string | null = null;
    do {
      const page: Found = await search({ q: 'paged', limit: 5, ...(after === null ? {} : { after }) });
      expect(page.items.length).toBeLessThanOrEqual(5);
      seen.push(...page.items.map(({ message }) => message.id));
      after = page.next;
    } while (after !== null);
    expect(seen).toEqual(sent.reverse());
  });

  it('[ISO1] of another app are not found, and its cursors are not taken', async () => {
    const other = await stage.scene();
    await say('shared canary');
    await stage.done('messages.send', { conversation_id: other.group, text: 'shared canary' }, { as: other.alice.token });
    await stage.done('messages.send', { conversation_id: other.group, text: 'shared canary' }, { as: other.alice.token });
    await index();
    expect(await ids({ q: 'canary' })).toHaveLength(1);
    expect(await ids({ q: 'canary' }, scene.key)).toHaveLength(1);
    expect(await ids({ q: 'canary', conversation_ids: [other.group] }, scene.key)).toEqual([]);
    expect(await ids({ q: 'canary', from_user_ids: [other.alice.id] }, scene.key)).toEqual([]);
    expect((await stage.done('search.suggest', { q: 'canar' }, { as: other.alice.token })).items).toEqual([{ word: 'canary', messages: 2 }]);
    const { next } = await stage.done('search.messages', { q: 'canary', limit: 1 }, { as: other.alice.token });
    expect(expectProblem(await stage.call('search.messages', { q: 'canary', after: next! }, { as: scene.alice.token }), 'invalid_argument').field).toBe('after');
  });

  it('[ISO2,ISO3] are found by those who may read them, and by nobody else', async () => {
    const { conversation_id: room } = await stage.done('conversations.create', { kind: 'group', name: 'room', member_ids: ['ext:carol'] }, { as: scene.alice.token });
    const here = (text: string) => say(text, { conversation_id: room });
    const member = (add: boolean) => (add
      ? stage.done('members.add', { conversation_id: room, member_ids: [scene.bob.id] }, { as: scene.alice.token })
      : stage.done('members.remove', { conversation_id: room, user_id: scene.bob.id }, { as: scene.alice.token }));
    const before = await here('zebra before');
    await member(true);
    const during = await here('zebra during');
    await member(false);
    const without = await here('zebra without');
    await index();
    expect(await ids({ q: 'zebra' }, scene.bob.token)).toEqual([during]);
    await member(true);
    const again = await here('zebra again');
    await index();
    expect(await ids({ q: 'zebra' }, scene.bob.token)).toEqual([again, during]);
    expect(await ids({ q: 'zebra' })).toEqual([again, without, during, before]);
    expect(await ids({ q: 'zebra' }, scene.key)).toEqual([again, without, during, before]);
    await stage.done('conversations.update', { conversation_id: room, history: 'all' }, { as: scene.alice.token });
    expect(await ids({ q: 'zebra' }, scene.bob.token)).toEqual([again, without, during, before]);
    // Who had left when a message was edited sees its old text, and must not learn of the new one by searching for it.
    await stage.done('conversations.update', { conversation_id: room, history: 'from_join' }, { as: scene.alice.token });
    await member(false);
    await stage.done('messages.edit', { message_id: during, text: 'lion during' }, { as: scene.alice.token });
    await index();
    expect(await ids({ q: 'lion' }, scene.bob.token)).toEqual([]);
    expect(await ids({ q: 'lion' })).toEqual([during]);
    expect((await stage.done('search.suggest', { q: 'lio' }, { as: scene.bob.token })).items).toEqual([]);
    const { token } = await stage.world.user(scene, 'stranger');
    expect(await ids({ q: 'zebra' }, token)).toEqual([]);
    expect(await ids({ q: 'zebra', conversation_ids: [room] }, token)).toEqual([]);
    expect((await stage.done('search.suggest', { q: 'zeb' }, { as: token })).items).toEqual([]);
  });

  it('[VIS4] that are deleted or edited are not found any more, also before the index knows', async () => {
    const deleted = await say('vanishing words');
    const edited = await say('vanishing letters');
    await index();
    expect(await ids({ q: 'vanishing' })).toEqual([edited, deleted]);
    await stage.done('messages.delete', { message_id: deleted }, { as: scene.alice.token });
    await stage.done('messages.edit', { message_id: edited, text: 'another letter' }, { as: scene.alice.token });
    expect(await ids({ q: 'vanishing' })).toEqual([]);
    expect((await stage.done('search.suggest', { q: 'vanish' }, { as: scene.alice.token })).items).toEqual([]);
    await index();
    expect(await ids({ q: 'another letter' })).toEqual([edited]);
  });

  it('[VIS5] that retention has removed are not found any more', async () => {
    const own = await stage.scene();
    const old = await stage.done('messages.send', { conversation_id: own.group, text: 'ancient' }, { as: own.alice.token });
    await index();
    expect((await search({ q: 'ancient' }, own.alice.token)).items).toHaveLength(1);
    await stage.world.server.domain.storage.applyRetention(own.id, old.time_ms + 1, 500);
    expect(await search({ q: 'ancient' }, own.alice.token)).toEqual({ items: [], next: null });
    expect(await search({ q: 'ancient' }, own.key)).toEqual({ items: [], next: null });
  });
});

describe('hostile input', () => {
  const literal = [
    '"', '""', "'", "' OR '1'='1", 'a-b', 'nosuch:x', 'words : x', 'marks : x', 'NEAR(', 'NEAR(a b, 5)', 'a AND', 'AND', 'OR OR', 'NOT a', 'a*', '*', '^a', '{words} : a', 'a <-> b', "a':*", 'a & b | !c', '\\', '%', '_',
    '(((', `${'('.repeat(100)}x`, '\u0000', 'x\u0000y', '\ud800', '\u202e', '🦊', 'ﷺ', '½', 'a\u0301'.repeat(40), '; DROP TABLE search_state', '$1', '?', '--', '/*', '<b>x</b>', 'ﬁ', 'x'.repeat(256), '東'.repeat(32),
  ];

  it.each(literal)('%j is words or refused, and never more', async (q) => {
    await index();
    for (const input of [{ q }, { phrase: q }, { q, prefix: true }, { q: `canary ${q}` }]) {
      const reply = await stage.call('search.messages', input, { as: scene.alice.token });
      if (reply.status === 400) expectProblem(reply, 'invalid_argument');
      else expect((JSON.parse(reply.text) as Found).items.every(({ message }) => message.conversation_id.startsWith('c_'))).toBe(true);
      expect([200, 400]).toContain(reply.status);
    }
    const suggested = await stage.call('search.suggest', { q }, { as: scene.alice.token });
    expect([200, 400]).toContain(suggested.status);
  });

  it('finds such text as what it is', async () => {
    const said = await say('see nosuch:x and a-b (NEAR) "quoted"');
    await index();
    for (const q of ['nosuch:x', 'a-b', 'NEAR(', '"quoted"', '"']) {
      const reply = await stage.call('search.messages', { q }, { as: scene.alice.token });
      if (q === '"') expect(expectProblem(reply, 'invalid_argument').field).toBe('q');
      else expect((JSON.parse(reply.text) as Found).items.map(({ message }) => message.id)).toContain(said);
    }
    expect(await ids({ q: 'b-a' })).not.toContain(said);
  });

  it('is bounded before anything is looked for', async () => {
    const refused = async (input: Record<string, unknown>) => expectProblem(await stage.call('search.messages', input, { as: scene.alice.token }), 'invalid_argument').field;
    expect(await refused({ q: '('.repeat(5_000) })).toBe('q');
    expect(await refused({ q: 'x '.repeat(33) })).toBe('q');
    expect(await refused({})).toBe('q');
    expect(await refused({ q: '  ' })).toBe('q');
    expect(await refused({ before_ms: 5 })).toBe('q');
    expect(await refused({ q: 'x', has: ['everything'] })).toBe('has.0');
    expect(await refused({ q: 'x', has: [] })).toBe('has');
    expect(await refused({ q: 'x', limit: 201 })).toBe('limit');
    expect(await refused({ q: 'x', after: 'AAAA' })).toBe('after');
    expect(await refused({ q: 'x', before_ms: 8_640_000_000_000_001 })).toBe('before_ms');
    expectProblem(await stage.call('search.messages', { q: 'x', from_user_ids: ['ext:nobody'] }, { as: scene.alice.token }), 'not_found');
  });
});

describe('suggestions', () => {
  it('are words of messages that the caller may read, the most frequent first', async () => {
    for (const text of ['Talaria ships', 'talaria sails', 'talent show', 'Tal']) await say(text);
    await index();
    const suggest = async (q: string) => (await stage.done('search.suggest', { q }, { as: scene.bob.token })).items;
    expect(await suggest('tal')).toEqual([{ word: 'talaria', messages: 2 }, { word: 'Tal', messages: 1 }, { word: 'talent', messages: 1 }]);
    expect(await suggest('talaria s')).toEqual([]);
    expect(await suggest('talaria sh')).toEqual([{ word: 'ships', messages: 1 }]);
    expect(await suggest('tal ')).toEqual([]);
  });
});

describe('names', () => {
  it('of conversations are searched among those of the user', async () => {
    const make = (name: string) => stage.done('conversations.create', { kind: 'group', name, member_ids: ['ext:carol'] }, { as: scene.alice.token });
    const [green, greenhouse] = [await make('Green Team'), await make('greenhouse team')];
    const named = async (q: string, as = scene.alice.token, input = {}) => (await stage.done('search.conversations', { q, ...input }, { as })).items.map(({ id }) => id);
    expect(await named('green')).toEqual([greenhouse.conversation_id, green.conversation_id]);
    expect(await named('team GREENH')).toEqual([greenhouse.conversation_id]);
    expect(await named('green', scene.bob.token)).toEqual([]);
    expect(await named('green', scene.key, { user_id: 'ext:alice', limit: 1 })).toEqual([greenhouse.conversation_id]);
    expectProblem(await stage.call('search.conversations', { q: 'green', user_id: 'ext:alice' }, { as: scene.bob.token }), 'forbidden');
    for (const q of ['"', ' ']) {
      expectProblem(await stage.call('search.conversations', { q }, { as: scene.bob.token }), 'invalid_argument');
      expectProblem(await stage.call('search.users', { q }, { as: scene.bob.token }), 'invalid_argument');
    }
    const first = await stage.done('search.conversations', { q: 'green', limit: 1 }, { as: scene.alice.token });
    const second = await stage.done('search.conversations', { q: 'green', limit: 1, after: first.next! }, { as: scene.alice.token });
    expect([...first.items, ...second.items].map(({ id }) => id)).toEqual([greenhouse.conversation_id, green.conversation_id]);
    expect((await stage.done('search.conversations', { q: 'green', after: second.next! }, { as: scene.alice.token })).items).toEqual([]);
  });

  it('[ISO1,ISO2] of users are searched by a user among those they share a conversation with', async () => {
    const other = await stage.scene();
    for (const [at, name] of ['Zoë Müller', 'Zacharias Muller', 'zoe'].entries()) await stage.done('users.create', { external_id: `z${at}`, name }, { as: scene.key });
    await stage.done('users.create', { external_id: 'z', name: 'Zoe of another app' }, { as: other.key });
    const named = async (q: string, as: string) => (await stage.done('search.users', { q }, { as })).items.map(({ external_id: id }) => id);
    expect(await named('zoe', scene.key)).toEqual(['z0', 'z2']);
    expect(await named('muller z', scene.key)).toEqual(['z0', 'z1']);
    expect(await named('zoe', scene.alice.token)).toEqual([]);
    await stage.done('conversations.create', { kind: 'group', name: 'z', member_ids: ['ext:z0'] }, { as: scene.alice.token });
    expect(await named('zoe', scene.alice.token)).toEqual(['z0']);
    expect(await named('zoe', scene.bob.token)).toEqual([]);
    const page = await stage.done('search.users', { q: 'zoe', limit: 1 }, { as: scene.key });
    expect((await stage.done('search.users', { q: 'zoe', limit: 5, after: page.next! }, { as: scene.key })).items.map(({ external_id: id }) => id)).toEqual(['z2']);
  });
});

describe('the index', () => {
  it('shows how far it is, and is made anew while it answers', async () => {
    const said = await say('rebuilt');
    await index();
    const before = await stage.done('search.status', {}, { as: stage.adminKey });
    expect(before).toMatchObject({ tenant_id: null, lag_ms: 0, building: null });
    expect((await stage.done('search.rebuild', {}, { as: stage.adminKey })).generation).toBe(before.generation);
    expect(await ids({ q: 'rebuilt' })).toEqual([said]);
    await index();
    expect(await stage.done('search.status', {}, { as: stage.adminKey })).toMatchObject({ generation: before.generation + 1, building: null });
    expect(await ids({ q: 'rebuilt' })).toEqual([said]);
    expectProblem(await stage.call('search.status', { tenant_id: 't_00000000000000000000000000' }, { as: stage.adminKey }), 'not_found');
  });

  it('is made by the server itself, and its lag is measured', async () => {
    const said = await say('by itself');
    await expect.poll(() => ids({ q: 'by itself' }), { timeout: 20_000 }).toEqual([said]);
    await expect.poll(async () => {
      const { text } = await stage.ask('GET', '/metrics');
      return [/^talaria_search_lag_seconds (\S+)$/m, /^talaria_search_indexed_total (\S+)$/m].map((pattern) => Number(pattern.exec(text)?.[1]));
    }, { timeout: 20_000 }).toEqual([0, expect.any(Number)]);
  });
});

describe('switched off', () => {
  it('is said so, and costs nothing', async () => {
    const off = await startStage({ search: false });
    try {
      const own = await off.scene();
      for (const [id, input] of [['search.messages', { q: 'x' }], ['search.suggest', { q: 'xy' }]] as const) expectProblem(await off.call(id, input, { as: own.alice.token }), 'unknown_operation');
      expectProblem(await off.call('search.status', {}, { as: off.adminKey }), 'unknown_operation');
      expect((await off.done('search.conversations', { q: 'group' }, { as: own.alice.token })).items).toHaveLength(1);
    } finally {
      await off.stop();
    }
  });
});
