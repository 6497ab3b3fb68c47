import { limits } from '@talaria/protocol';
import { describe, expect, it } from 'vitest';
import type { InboxFilter, InboxPlace } from '../../../src/storage/inbox.js';
import type { OpenHarness } from '../harness.js';
import { refusedWith, type World } from '../world.js';
import { useStage } from './stage.js';

const direct = (world: World, user: string | null, members: readonly string[]) =>
  world.command('conversation.create', { user, conversationKind: 'direct', name: '', data: '{}', history: 'all', members });

/** Conversations, their members, and the inbox. */
export function conversationsContract(open: OpenHarness): void {
  describe('of an app', () => {
    const stage = useStage(open);

    it('[ISO1] are listed page by page, those made last first, and none of another app', async () => {
      const [world, other] = [stage.world(), stage.world()];
      const [ann, ben] = await world.users(2) as [string, string];
      const made = [await world.group(ann, [ben]), await world.group(ben, []), (await world.done(direct(world, null, [ann, ben]))).stream, await world.group(ann, []), await world.group(ann, [])];
      await other.group(await other.user(), []);
      for (const limit of [1, 2, 5, 6]) {
        const seen: string[] = [];
        for (let before: string | null = null; ;) {
          const page = await world.storage.conversations(world.app, limit, before);
          seen.push(...page.items.map(({ id }) => id));
          if (!page.more) break;
          before = seen.at(-1)!;
        }
        expect(seen).toEqual([...made].sort().reverse());
      }
      const [newest] = (await world.storage.conversations(world.app, 1, null)).items;
      expect(newest).toEqual((await world.storage.conversation(world.app, null, newest!.id))?.conversation);
    });
  });

  describe('ways in', () => {
    const stage = useStage(open);
    const countOf = async (world: World, conversation: string): Promise<readonly unknown[]> => {
      const record = await world.storage.conversation(world.app, null, conversation);
      return [record?.conversation.memberCount, (await world.storage.members(world.app, null, conversation, 200, null))?.items.length];
    };

    it('[ISO2,ISO4] bring a user in once, whichever of them is used first', async () => {
      const world = stage.world();
      const [ann, ben, cyd] = await world.users(3) as [string, string, string];
      const group = await world.group(ann, []);
      await world.done(world.command('conversation.settings', { user: ann, conversation: group, change: { join: 'on_request' } }));
      const add = (user: string) => world.done(world.command('member.add', { user: ann, conversation: group, members: [user], role: null }));
      for (const user of [ben, cyd]) {
        await world.done(world.command('join.request', { user, conversation: group, text: '' }));
        await world.done(world.command('invitation.create', { user: ann, conversation: group, members: [user], role: 'admin', expiresMs: null }));
      }
      const joined = await add(ben);
      expect(joined.facts.map(({ type }) => type)).toEqual(['member.joined', 'conversation.added', 'invitation.gone', 'join.answered']);
      expect(refusedWith(await world.append(world.command('invitation.answer', { user: ben, conversation: group, accept: true })))).toBe('not_found');
      expect(refusedWith(await world.append(world.command('join.decide', { user: ann, conversation: group, member: ben, accept: true })))).toBe('not_found');
      await world.done(world.command('invitation.answer', { user: cyd, conversation: group, accept: true }));
      expect(refusedWith(await world.append(world.command('join.decide', { user: ann, conversation: group, member: cyd, accept: true })))).toBe('not_found');
      expect(await countOf(world, group)).toEqual([3, 3]);
      expect(await world.storage.intervals(world.app, group, ben)).toHaveLength(1);
      expect((await world.storage.entries(world.app, group, 'join_request', 10, null)).items).toEqual([]);
      for (const type of ['invited', 'asked'] as const) expect((await world.storage.entries(world.app, ben, type, 10, null)).items, type).toEqual([]);
    });

    it('[ISO1] are asked for, and withdrawn by whoever asked, once', async () => {
      const world = stage.world();
      const [ann, ben, cyd] = await world.users(3) as [string, string, string];
      const group = await world.group(ann, []);
      await world.done(world.command('conversation.settings', { user: ann, conversation: group, change: { join: 'on_request' } }));
      const withdraw = (user: string) => world.command('join.withdraw', { user, conversation: group });
      const asked = await world.done(world.command('join.request', { user: ben, conversation: group, text: '' }));
      expect((await world.storage.entries(world.app, ben, 'asked', 10, null)).items.map(({ key, value }) => [key, JSON.parse(value) as unknown])).toEqual([[group, { created_ms: asked.facts.at(-1)!.timeMs }]]);
      expect(refusedWith(await world.append(withdraw(cyd)))).toBe('not_found');
      const withdrawn = await world.done(withdraw(ben));
      expect(withdrawn.facts.map(({ stream, type }) => [stream, type])).toEqual([[group, 'join.withdrawn'], [ben, 'join.unasked']]);
      for (const [stream, type] of [[group, 'join_request'], [ben, 'asked']] as const) expect((await world.storage.entries(world.app, stream, type, 10, null)).items, type).toEqual([]);
      expect(refusedWith(await world.append(withdraw(ben)))).toBe('not_found');
      expect(refusedWith(await world.append(world.command('join.decide', { user: ann, conversation: group, member: ben, accept: true })))).toBe('not_found');
      expect(await countOf(world, group)).toEqual([1, 1]);
      await world.done(world.command('join.request', { user: ben, conversation: group, text: '' }));
    });

    it('take as many users as one command may name, and messages mention as many as they may', async () => {
      const world = stage.world();
      const [ann, ...others] = await world.users(1 + limits.members_per_command_max) as [string, ...string[]];
      const group = await world.group(ann, []);
      const invited = await world.done(world.command('invitation.create', { user: ann, conversation: group, members: others, role: null, expiresMs: null }));
      expect(invited.facts).toHaveLength(2 * others.length);
      await world.done(world.command('member.add', { user: ann, conversation: group, members: others, role: null }));
      expect(await countOf(world, group)).toEqual([101, 101]);
      const user_ids = others.slice(0, limits.mentions_max);
      const { seq } = await world.done(world.message({ user: ann, conversation: group, text: 'all of you', more: { mentions: { user_ids } } }));
      await world.done(world.message({ user: ann, conversation: group, text: 'and here', more: { thread_seq: seq, mentions: { user_ids } } }, { followers: [ann, ...user_ids] }));
      expect((await world.storage.conversation(world.app, user_ids[0]!, group))?.mentions).toBe(2);
    });
  });

  describe('direct conversations', () => {
    const stage = useStage(open);

    it('[ISO4] are one per pair, whoever asks first and however many ask at once', async () => {
      const world = stage.world();
      const [ann, ben, cyd] = await world.users(3) as [string, string, string];
      const asked = await Promise.all(Array.from({ length: 20 }, (_, at) => world.done(at % 2 ? direct(world, ann, [ben]) : direct(world, ben, [ann]))));
      expect(new Set(asked.map((place) => place.stream)).size).toBe(1);
      expect(asked.filter((place) => place.facts.length > 0)).toHaveLength(1);
      const later = await world.done(direct(world, null, [ben, ann]));
      expect(later).toMatchObject({ stream: asked[0]!.stream, seq: 1, type: 'conversation.created', facts: [], duplicate: false });
      expect((await world.storage.inbox(world.app, ann, 10, null)).items).toHaveLength(1);
      expect((await world.done(direct(world, ann, [cyd]))).stream).not.toBe(later.stream);
    });

    it('[ISO4] keep their two members', async () => {
      const world = stage.world();
      const [ann, ben, cyd] = await world.users(3) as [string, string, string];
      const { stream } = await world.done(direct(world, ann, [ben]));
      expect((await world.storage.conversation(world.app, ann, stream))?.member?.role).toBe('member');
      const commands = [
        world.command('member.add', { user: null, conversation: stream, members: [cyd], role: 'member' }),
        world.command('member.remove', { user: null, conversation: stream, member: ben }),
        world.command('member.update', { user: null, conversation: stream, member: ben, role: 'admin' }),
      ];
      for (const command of commands) expect(refusedWith(await world.append(command))).toBe('conflict');
      expect(refusedWith(await world.append(direct(world, ann, [])))).toBe('invalid_argument');
      expect(refusedWith(await world.append(direct(world, ann, [ann])))).toBe('invalid_argument');
      expect(refusedWith(await world.append(direct(world, ann, [ben, cyd])))).toBe('invalid_argument');
      expect(refusedWith(await world.append(direct(world, ann, [world.ids.id('user')])))).toBe('not_found');
    });
  });

  describe('members', () => {
    const stage = useStage(open);

    it('[ISO2] pages through the active members in order of their ids', async () => {
      const world = stage.world();
      const users = await world.users(7);
      const group = await world.group(users[0]!, users.slice(1));
      await world.leave(group, users[3]!);
      const wanted = users.filter((user) => user !== users[3]).sort();
      for (const limit of [1, 2, 3, 6, 7]) {
        const seen: string[] = [];
        for (let after: string | null = null; ;) {
          const page = await world.storage.members(world.app, users[1]!, group, limit, after);
          seen.push(...page!.items.map((member) => member.user));
          expect(page!.items.length).toBeLessThanOrEqual(limit);
          if (!page!.more) break;
          after = seen.at(-1)!;
        }
        expect(seen).toEqual(wanted);
      }
      expect(await world.storage.members(world.app, null, group, 10, null)).toMatchObject({ more: false, items: { length: 6 } });
      expect(await world.storage.members(world.app, await world.user(), group, 10, null)).toBeNull();
      expect(await world.storage.members(world.app, null, world.ids.id('conversation'), 10, null)).toBeNull();
    });

    it('[ORD5] keeps one row per user over joins and leaves, with the place of the last', async () => {
      const world = stage.world();
      const [ann, ben] = await world.users(2) as [string, string];
      const group = await world.group(ann, [ben]);
      await world.say(group, ben, 'one');
      const left = await world.leave(group, ben);
      const gone = await world.storage.conversation(world.app, ben, group);
      expect(gone?.member).toMatchObject({ active: false, joinedSeq: 3, leftSeq: left, senderOrdinal: 1 });
      expect((await world.storage.conversation(world.app, ann, group))?.conversation.memberCount).toBe(1);
      await world.say(group, ann, 'meanwhile');
      const joined = await world.join(group, ann, ben);
      await world.say(group, ben, 'two');
      const back = await world.storage.conversation(world.app, ben, group);
      expect(back?.member).toMatchObject({ active: true, joinedSeq: joined, leftSeq: null, senderOrdinal: 2, readSeq: joined, deliveredSeq: joined, role: 'member' });
      expect(back?.conversation.memberCount).toBe(2);
      expect(await world.storage.intervals(world.app, group, ben)).toEqual([{ fromSeq: 3, toSeq: left }, { fromSeq: joined, toSeq: null }]);
      expect(await world.storage.intervals(world.app, group, await world.user())).toEqual([]);
    });

    it('[ISO3] tells a former member nothing of its present', async () => {
      const world = stage.world();
      const [ann, ben] = await world.users(2) as [string, string];
      const group = await world.group(ann, [ben]);
      await world.leave(group, ben);
      await world.done(world.command('conversation.update', { user: ann, conversation: group, name: 'secret plans', data: '{"a":1}', history: null }));
      const now = (await world.storage.conversation(world.app, ann, group))!.conversation;
      expect(now).toMatchObject({ name: 'secret plans', data: '{"a":1}', memberCount: 1 });
      expect((await world.storage.conversation(world.app, ben, group))!.conversation).toEqual({ ...now, name: '', data: '{}', memberCount: 0, updatedMs: now.createdMs });
    });

    it('[ISO3] joins, leaves and joins again within one batch', async () => {
      const world = stage.world();
      const [ann, ben] = await world.users(2) as [string, string];
      const group = await world.group(ann, []);
      const add = () => world.done(world.command('member.add', { user: ann, conversation: group, members: [ben], role: 'reader' }));
      const remove = () => world.done(world.command('member.remove', { user: ann, conversation: group, member: ben }));
      const places = await Promise.all([add(), remove(), add(), remove(), add()]);
      expect(places.map((place) => place.seq)).toEqual([3, 4, 5, 6, 7]);
      expect(await world.storage.intervals(world.app, group, ben)).toEqual([{ fromSeq: 3, toSeq: 4 }, { fromSeq: 5, toSeq: 6 }, { fromSeq: 7, toSeq: null }]);
      expect((await world.facts(ben, ben)).map((fact) => fact.type)).toEqual(['conversation.added', 'conversation.removed', 'conversation.added', 'conversation.removed', 'conversation.added']);
    });

    it('[SND2] adding who is a member already, and removing who is not any more, answer with the place where it happened', async () => {
      const world = stage.world();
      const [ann, ben, cyd] = await world.users(3) as [string, string, string];
      const group = await world.group(ann, [ben]);
      const { position } = await world.storage.info();
      expect(await world.join(group, ann, ben)).toBe(3);
      expect((await world.storage.info()).position).toBe(position);
      expect(await world.join(group, ann, ben, cyd)).toBe(4);
      const left = await world.done(world.command('member.remove', { user: ann, conversation: group, member: ben }));
      const again = await world.done(world.command('member.remove', { user: ann, conversation: group, member: ben }));
      expect(again).toMatchObject({ seq: left.seq, type: 'member.left', facts: [] });
      expect(refusedWith(await world.append(world.command('member.remove', { user: ann, conversation: group, member: world.ids.id('user') })))).toBe('not_found');
    });
  });

  describe('inbox', () => {
    const stage = useStage(open);

    it('[RES2] lists the own conversations, the latest activity first, page by page', async () => {
      const world = stage.world();
      const [ann, ben] = await world.users(2) as [string, string];
      const groups: string[] = [];
      for (let at = 0; at < 7; at += 1) groups.push(await world.group(ann, at === 4 ? [] : [ben]));
      await world.say(groups[2]!, ann, 'x');
      await world.say(groups[0]!, ann, 'y');
      await world.leave(groups[5]!, ben);
      const wanted = [groups[0], groups[2], groups[6], groups[3], groups[1]];
      for (const limit of [1, 2, 3, 5, 6]) {
        const seen: string[] = [];
        for (let after: { position: number; conversation: string } | null = null; ;) {
          const page = await world.storage.inbox(world.app, ben, limit, after);
          seen.push(...page.items.map((item) => item.conversation.id));
          if (!page.more) break;
          const last = page.items.at(-1)!;
          after = { position: last.stream.headPosition, conversation: last.conversation.id };
        }
        expect(seen).toEqual(wanted);
      }
    });

    it('[VIS2] is filtered by what the user has chosen and what is unread, and what is pinned may stand first', async () => {
      const world = stage.world();
      const [ann, ben] = await world.users(2) as [string, string];
      const names = ['plain', 'pinned', 'archived', 'muted', 'hidden', 'unread'] as const;
      const groups = new Map<string, string>();
      for (const name of names) groups.set(await world.group(ann, [ben]), name);
      const at = (name: string): string => [...groups].find(([, known]) => known === name)![0];
      const direct = await world.done(world.command('conversation.create', { user: ann, conversationKind: 'direct', name: '', data: '{}', history: 'all', members: [ben] }));
      groups.set(direct.stream, 'direct');
      const prefer = (name: string, change: object) => world.done(world.command('preferences.set', { user: ben, conversation: at(name), change }));
      await world.say(at('unread'), ann, 'x');
      await prefer('pinned', { pinned: true });
      await prefer('archived', { archived: true });
      await prefer('muted', { muted_until_ms: 5_000 });
      await prefer('hidden', { hidden: true });
      const inbox = async (filter: InboxFilter): Promise<(string | undefined)[]> => (await world.storage.inbox(world.app, ben, 10, null, filter)).items.map((item) => groups.get(item.conversation.id));
      expect(await inbox({})).toEqual(['unread', 'direct', 'muted', 'archived', 'pinned', 'plain']);
      expect(await inbox({ hidden: true, pinnedFirst: true })).toEqual(['pinned', 'unread', 'direct', 'hidden', 'muted', 'archived', 'plain']);
      expect([await inbox({ pinned: true }), await inbox({ archived: true }), await inbox({ unread: true }), await inbox({ kind: 'direct' })]).toEqual([['pinned'], ['archived'], ['unread'], ['direct']]);
      expect([await inbox({ muted: true, nowMs: 4_999 }), await inbox({ muted: true, nowMs: 5_000 })]).toEqual([['muted'], []]);
      expect(await inbox({ archived: false, muted: false, nowMs: 4_999, pinned: false })).toEqual(['unread', 'direct', 'plain']);
      // Page by page, over the end of what is pinned.
      await prefer('plain', { pinned: true });
      const seen: (string | undefined)[] = [];
      for (let after: InboxPlace | null = null; ;) {
        const page = await world.storage.inbox(world.app, ben, 1, after, { pinnedFirst: true });
        seen.push(...page.items.map((item) => groups.get(item.conversation.id)));
        const last = page.items.at(-1)!;
        after = { position: last.stream.headPosition, conversation: last.conversation.id, pinned: last.member?.pinnedMs !== null };
        if (!page.more) break;
      }
      expect(seen).toEqual(['pinned', 'plain', 'unread', 'direct', 'muted', 'archived']);
      // Something new brings what was hidden back.
      await world.say(at('hidden'), ann, 'y');
      expect((await inbox({}))[0]).toBe('hidden');
    });

    it('[CNT2] shows with each its last message and what is unread', async () => {
      const world = stage.world();
      const [ann, ben] = await world.users(2) as [string, string];
      const group = await world.group(ann, [ben]);
      await world.say(group, ann, 'one');
      const seq = await world.say(group, ann, 'two');
      await world.done(world.command('conversation.update', { user: ann, conversation: group, name: 'n', data: null, history: null }));
      const { items } = await world.storage.inbox(world.app, ben, 10, null);
      expect(items).toHaveLength(1);
      expect(items[0]).toEqual(await world.storage.conversation(world.app, ben, group));
      expect(items[0]).toMatchObject({ unread: 2, endSeq: seq + 1, lastMessage: { seq, sender: ann }, conversation: { name: 'n' } });
      expect(JSON.parse(items[0]!.lastMessage!.payload)).toMatchObject({ text: 'two' });
      expect((await world.storage.inbox(world.app, await world.user(), 10, null))).toEqual({ items: [], more: false });
    });

    it('[CNT2] adds up what is unread in all of them together', async () => {
      const world = stage.world();
      const [ann, ben] = await world.users(2) as [string, string];
      const groups: string[] = [];
      for (let at = 0; at < 8; at += 1) groups.push(await world.group(ann, [ben]));
      const [three, deleted, read, marked, muted, archived, left, mentioned] = groups as [string, string, string, string, string, string, string, string];
      for (const text of ['a', 'b', 'c']) await world.say(three, ann, text);
      await world.remove(deleted, ann, await world.say(deleted, ann, 'never said'));
      for (const group of [read, marked]) await world.read(group, ben, await world.say(group, ann, 'seen'));
      await world.say(marked, ben, 'my own');
      await world.done(world.command('conversation.mark_unread', { user: ben, conversation: marked, fromSeq: 5 }));
      for (const group of [muted, archived, left]) await world.say(group, ann, 'x');
      await world.done(world.command('preferences.set', { user: ben, conversation: muted, change: { muted_until_ms: 5_000 } }));
      await world.done(world.command('preferences.set', { user: ben, conversation: archived, change: { archived: true } }));
      await world.leave(left, ben);
      await world.done(world.message({ user: ann, conversation: mentioned, text: '@ben', more: { mentions: { user_ids: [ben] } } }));
      const unread = (filter: InboxFilter) => world.storage.unread(world.app, ben, filter);
      expect(await unread({})).toEqual({ conversations: 5, messages: 6, mentions: 1, complete: true });
      expect(await unread({ archived: false })).toEqual({ conversations: 4, messages: 5, mentions: 1, complete: true });
      expect(await unread({ archived: false, muted: false, nowMs: 4_999 })).toEqual({ conversations: 3, messages: 4, mentions: 1, complete: true });
      expect(await unread({ kind: 'direct' })).toEqual({ conversations: 0, messages: 0, mentions: 0, complete: true });
      const { items } = await world.storage.inbox(world.app, ben, 10, null);
      expect([items.reduce((sum, one) => sum + one.unread, 0), items.reduce((sum, one) => sum + one.mentions, 0)]).toEqual([6, 1]);
      for (const group of groups) if (group !== left) await world.read(group, ben, 100);
      expect(await unread({})).toEqual({ conversations: 0, messages: 0, mentions: 0, complete: true });
    });

    it('[FLW3] adds up as many as may be, those that moved last', async () => {
      const world = stage.world();
      const [ann, ben] = await world.users(2) as [string, string];
      const made = limits.unread_conversations_max + 2;
      for (let at = 0; at < made; at += 50) {
        const some = await Promise.all(Array.from({ length: Math.min(50, made - at) }, () => world.group(ann, [ben])));
        await Promise.all(some.map((group) => world.say(group, ann, 'x')));
      }
      expect(await world.storage.unread(world.app, ben, {})).toEqual({ conversations: limits.unread_conversations_max, messages: limits.unread_conversations_max, mentions: 0, complete: false });
    });

    it('[ISO2] shows the backend the conversation as nobody\'s', async () => {
      const world = stage.world();
      const [ann] = await world.users(1) as [string];
      const group = await world.group(ann, []);
      await world.say(group, ann, 'one');
      expect(await world.storage.conversation(world.app, null, group)).toMatchObject({ member: null, unread: 0, endSeq: 3, lastMessage: { seq: 3 } });
      expect(await world.storage.conversation(world.app, null, world.ids.id('conversation'))).toBeNull();
    });
  });
}
