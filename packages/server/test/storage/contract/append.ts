import { describe, expect, it } from 'vitest';
import type { OpenHarness } from '../harness.js';
import { refusedWith } from '../world.js';
import { useStage } from './stage.js';

/** What an append answers with, and what then stands in the log. */
export function appendContract(open: OpenHarness): void {
  describe('append', () => {
    const stage = useStage(open);

    it('[SND1] answers with the place of the fact, and the fact stands there', async () => {
      const world = stage.world();
      const [ann, ben] = await world.users(2) as [string, string];
      const group = await world.group(ann, [ben]);
      const command = world.message({ user: ann, conversation: group, text: 'hello', data: '{"a":1}', silent: false }, { traceId: 'a'.repeat(32) });
      const { facts, duplicate, ...place } = await world.done(command);
      const before = await world.facts(group, ann);
      expect(duplicate).toBe(false);
      expect(place).toEqual({ stream: group, seq: before.at(-1)?.seq, timeMs: facts[0]?.timeMs, type: 'message.created', targetSeq: null });
      expect(facts).toEqual([before.at(-1)]);
      expect(facts[0]).toMatchObject({
        app: world.app, stream: group, version: 1, actor: ann, clientId: command.clientId, traceId: 'a'.repeat(32), redacted: false, targetSeq: null,
        ordinal: 1, senderOrdinal: 1,
      });
      expect(JSON.parse(facts[0]!.payload)).toEqual({ text: 'hello', data: '{"a":1}' });
    });

    it('[SND1] commits everything that a command writes: the conversation, its members and the facts of each named user', async () => {
      const world = stage.world();
      const [ann, ben, cyd] = await world.users(3) as [string, string, string];
      const create = await world.done(world.command('conversation.create', {
        user: ann, conversationKind: 'group', name: 'three', data: '{"k":true}', history: 'all', members: [ben, cyd, ben],
      }));
      const record = await world.storage.conversation(world.app, ann, create.stream);
      expect(record?.conversation).toMatchObject({ kind: 'group', name: 'three', data: '{"k":true}', history: 'all', memberCount: 3 });
      expect(record?.member).toMatchObject({ role: 'owner', active: true, joinedSeq: 2 });
      expect((await world.facts(create.stream, ann)).map((fact) => fact.type)).toEqual(['conversation.created', 'member.joined', 'member.joined', 'member.joined']);
      for (const user of [ann, ben, cyd]) {
        const own = await world.facts(user, user);
        expect(own.map((fact) => fact.type)).toEqual(['conversation.added']);
        expect(JSON.parse(own[0]!.payload)).toMatchObject({ conversation_id: create.stream, kind: 'group', role: user === ann ? 'owner' : 'member' });
      }
      expect(create.facts).toHaveLength(7);
    });

    it('[ORD1] numbers a stream from one without a gap, and the store in commit order', async () => {
      const world = stage.world();
      const [ann, ben] = await world.users(2) as [string, string];
      const groups = [await world.group(ann, [ben]), await world.group(ben, [ann])];
      const outcomes = await Promise.all(Array.from({ length: 40 }, (_, at) => world.say(groups[at % 2]!, at % 3 === 0 ? ann : ben, `m${at}`)));
      expect(outcomes).toHaveLength(40);
      for (const group of groups) {
        const facts = await world.facts(group, null, 7);
        expect(facts.map((fact) => fact.seq)).toEqual(Array.from({ length: facts.length }, (_, at) => at + 1));
        expect(new Set(facts.map((fact) => fact.eventId)).size).toBe(facts.length);
      }
      const positions = (await Promise.all(groups.map((group) => world.facts(group, ann)))).flat().map((fact) => fact.position);
      expect(new Set(positions).size).toBe(positions.length);
      expect(Math.max(...positions)).toBe((await world.storage.info()).position);
    });

    it('[CLU3] gives the facts of the whole store by position, page by page, without a hole', async () => {
      const world = stage.world();
      const from = (await world.storage.info()).position;
      const [ann, ben] = await world.users(2) as [string, string];
      const group = await world.group(ann, [ben]);
      await Promise.all(['a', 'b', 'c', 'd'].map((text) => world.say(group, ben, text)));
      const seen: number[] = [];
      for (let position = from; ;) {
        const page = await world.storage.factsAfterPosition(position, 3);
        seen.push(...page.map((fact) => fact.position));
        if (page.length < 3) break;
        position = page.at(-1)!.position;
      }
      expect(seen).toHaveLength(9);
      expect(seen).toEqual([...new Set(seen)].sort((left, right) => left - right));
      const facts = (await world.storage.factsAfterPosition(from, 100)).filter((fact) => fact.stream === group);
      expect(facts).toEqual(await world.facts(group, null));
    });

    it('[CLU3] says which streams have moved behind a position, page by page, and up to where that is final', async () => {
      const world = stage.world();
      const from = await world.storage.info();
      expect(await world.storage.moved(from.position, 10)).toEqual({ places: [], settled: null, next: null });
      const [ann, ben] = await world.users(2) as [string, string];
      const group = await world.group(ann, [ben]);
      await world.say(group, ben, 'a');
      const facts = await world.storage.factsAfterPosition(from.position, 100);
      const all = facts.map(({ app, stream, seq, eventId, position }) => ({ app, stream, seq, eventId, position }));
      const lastOf = (some: typeof all) => some.filter((one, at) => !some.slice(at + 1).some((later) => later.stream === one.stream));
      const last = { position: all.at(-1)!.position, eventId: all.at(-1)!.eventId };
      expect(all).toHaveLength(6);
      expect(new Set(all.map(({ stream }) => stream))).toEqual(new Set([ann, ben, group]));
      expect(await world.storage.moved(from.position, 100)).toEqual({ places: lastOf(all), settled: last, next: null });
      const first = await world.storage.moved(from.position, 4);
      expect(first).toEqual({ places: lastOf(all.slice(0, 4)), settled: { position: all[3]!.position, eventId: all[3]!.eventId }, next: all[3]!.position });
      expect(await world.storage.moved(first.next!, 4)).toEqual({ places: lastOf(all.slice(4)), settled: last, next: null });
      expect(await world.storage.info()).toMatchObject(last);
    });

    it('[CNT1] counts what is countable: not silent and not system, for everyone and for each sender', async () => {
      const world = stage.world();
      const [ann, ben] = await world.users(2) as [string, string];
      const group = await world.group(ann, [ben]);
      await world.say(group, ann, 'one');
      await world.say(group, ben, 'two');
      await world.say(group, ann, 'silent', true);
      await world.say(group, null, 'system');
      await world.say(group, ann, 'three');
      const page = await world.storage.messages({ app: world.app, conversation: group, viewer: ann, anchor: { kind: 'newest' }, limit: 10 });
      expect(page?.items.map(({ sender, ordinal, senderOrdinal, countable }) => ({ sender, ordinal, senderOrdinal, countable }))).toEqual([
        { sender: ann, ordinal: 1, senderOrdinal: 1, countable: true },
        { sender: ben, ordinal: 2, senderOrdinal: 1, countable: true },
        { sender: ann, ordinal: 2, senderOrdinal: 1, countable: false },
        { sender: null, ordinal: 2, senderOrdinal: 0, countable: false },
        { sender: ann, ordinal: 3, senderOrdinal: 2, countable: true },
      ]);
      expect(page?.items.map((item) => JSON.parse(item.payload) as unknown)).toEqual([
        { text: 'one' }, { text: 'two' }, { text: 'silent', silent: true }, { text: 'system', system: true }, { text: 'three' },
      ]);
      const record = await world.storage.conversation(world.app, ann, group);
      expect(record?.stream.ordinal).toBe(3);
      expect(record?.member?.senderOrdinal).toBe(2);
    });

    it('[ISO4] decides by the membership of the transaction itself: a removal and a send of one turn', async () => {
      const world = stage.world();
      const [ann, ben] = await world.users(2) as [string, string];
      const group = await world.group(ann, [ben]);
      const removal = world.append(world.command('member.remove', { user: ann, conversation: group, member: ben }));
      const late = world.append(world.message({ user: ben, conversation: group, text: 'too late' }));
      expect((await removal).ok).toBe(true);
      expect(refusedWith(await late)).toBe('not_found');
      expect((await world.facts(group, ann)).at(-1)?.type).toBe('member.left');
    });

    it('[ISO4] decides by the role of the transaction itself', async () => {
      const world = stage.world();
      const [ann, ben] = await world.users(2) as [string, string];
      const group = await world.group(ann, [ben]);
      const demotion = world.append(world.command('member.update', { user: ann, conversation: group, member: ben, role: 'reader' }));
      const late = world.append(world.message({ user: ben, conversation: group, text: 'no' }));
      expect((await demotion).ok).toBe(true);
      expect(refusedWith(await late)).toBe('forbidden');
      expect((await world.storage.conversation(world.app, ben, group))?.member?.role).toBe('reader');
    });

    it('[ORD1] updates a conversation in place, and says all of it in the fact', async () => {
      const world = stage.world();
      const [ann] = await world.users(1) as [string];
      const group = await world.group(ann, []);
      await world.done(world.command('conversation.update', { user: ann, conversation: group, name: 'new', data: null, history: 'all' }));
      const record = await world.storage.conversation(world.app, ann, group);
      expect(record?.conversation).toMatchObject({ name: 'new', data: '{}', history: 'all', memberCount: 1 });
      expect(record?.conversation.updatedMs).toBeGreaterThan(record!.conversation.createdMs);
      expect(JSON.parse((await world.facts(group, ann)).at(-1)!.payload)).toEqual({ name: 'new', avatar_url: null, data: {}, history: 'all' });
    });

    it('[SND6] answers a final refusal to its own command, and the ones behind it go on', async () => {
      const world = stage.world();
      const [ann, stranger] = await world.users(2) as [string, string];
      const group = await world.group(ann, []);
      const outcomes = await Promise.all([
        world.append(world.message({ user: stranger, conversation: group, text: 'x' })),
        world.append(world.command('message.edit', { user: ann, conversation: group, seq: 999, text: 'x', data: null })),
        world.append(world.message({ user: ann, conversation: group, text: 'y' })),
      ]);
      expect(outcomes.map(refusedWith)).toEqual(['not_found', 'not_found', undefined]);
      expect((await world.facts(group, null)).map((fact) => fact.type)).toEqual(['conversation.created', 'member.joined', 'message.created']);
    });
  });
}
