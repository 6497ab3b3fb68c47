import { describe, expect, it } from 'vitest';
import type { Overrides, World } from '../world.js';
import type { OpenHarness } from '../harness.js';
import { CLIENT_MS } from '../ids.js';
import { refusedWith } from '../world.js';
import { useStage } from './stage.js';

const DAY_MS = 86_400_000;

/** SND2 and SND3: what a client id stands for. */
export function commandKeysContract(open: OpenHarness): void {
  describe('command keys', () => {
    const stage = useStage(open);

    const scene = async () => {
      const world = stage.world();
      const [ann, ben] = await world.users(2) as [string, string];
      const group = await world.group(ann, [ben]);
      const send = (text: string, overrides?: Overrides) => world.message({ user: ann, conversation: group, text }, overrides);
      return { world, ann, ben, group, send };
    };

    it('[SND2] answers a repeat with the original place and appends nothing', async () => {
      const { world, ann, group, send } = await scene();
      const command = send('once');
      const first = await world.done(command);
      const second = await world.done(command);
      expect(second).toEqual({ ...first, duplicate: true, facts: [] });
      expect((await world.facts(group, ann)).filter((fact) => fact.type === 'message.created')).toHaveLength(1);
    });

    it('[SND2] says whether a command of an actor has been committed', async () => {
      const { world, ann, ben, send } = await scene();
      const command = send('once');
      expect(await world.storage.commandKnown(world.app, ann, command.clientId)).toBe(false);
      await world.done(command);
      expect(await world.storage.commandKnown(world.app, ann, command.clientId)).toBe(true);
      expect(await world.storage.commandKnown(world.app, ben, command.clientId)).toBe(false);
      expect(await world.storage.commandKnown(world.app, ann, 'another')).toBe(false);
    });

    it('[SND2] answers a repeat in the same batch likewise', async () => {
      const { world, ann, group, send } = await scene();
      const command = send('once');
      const [first, second, third] = await Promise.all([world.done(command), world.done(command), world.done(command)]);
      expect([first.duplicate, second.duplicate, third.duplicate]).toEqual([false, true, true]);
      expect([second.seq, third.seq]).toEqual([first.seq, first.seq]);
      expect((await world.facts(group, ann)).filter((fact) => fact.type === 'message.created')).toHaveLength(1);
    });

    it('[SND2] answers the repeat of every kind of command with its place', async () => {
      const { world, ann, ben, group } = await scene();
      const cyd = await world.user();
      const seq = await world.say(group, ann, 'text');
      const commands = [
        world.message({ user: ann, conversation: group, text: 'a' }),
        world.command('message.edit', { user: ann, conversation: group, seq, text: 'b', data: null }),
        world.command('conversation.update', { user: ann, conversation: group, name: 'c', data: null, history: null }),
        world.command('member.add', { user: ann, conversation: group, members: [cyd], role: 'member' }),
        world.command('member.update', { user: ann, conversation: group, member: cyd, role: 'reader' }),
        world.command('member.remove', { user: ann, conversation: group, member: cyd }),
        world.command('conversation.mark_unread', { user: ben, conversation: group, fromSeq: seq }),
        world.command('message.delete', { user: ann, conversation: group, seq }),
        world.command('conversation.create', { user: ann, conversationKind: 'direct', name: '', data: '{}', history: 'all', members: [ben] }),
      ];
      for (const command of commands) {
        const first = await world.done(command);
        const { position } = await world.storage.info();
        expect(await world.done(command)).toEqual({ ...first, duplicate: true, facts: [] });
        expect((await world.storage.info()).position).toBe(position);
      }
    });

    it('[SND3] refuses the same client id with another request', async () => {
      const { world, ann, group, send } = await scene();
      const command = send('one');
      await world.done(command);
      const other = { ...command, text: 'two', requestHash: 'other' };
      expect(refusedWith(await world.append(other))).toBe('idempotency_mismatch');
      expect(refusedWith(await world.append(other))).toBe('idempotency_mismatch');
      expect((await world.facts(group, ann)).at(-1)?.clientId).toBe(command.clientId);
    });

    it('[SND3] refuses it in the same batch, too, and the batch goes on', async () => {
      const { world, send } = await scene();
      const command = send('one');
      const outcomes = await Promise.all([world.append(command), world.append({ ...command, requestHash: 'other' }), world.append(send('three'))]);
      expect(outcomes.map(refusedWith)).toEqual([undefined, 'idempotency_mismatch', undefined]);
    });

    it('[SND2] looks the key up before authorisation: who may no longer act still gets the answer', async () => {
      const { world, ann, ben, group } = await scene();
      const command = world.message({ user: ben, conversation: group, text: 'mine' });
      const first = await world.done(command);
      await world.done(world.command('member.remove', { user: ann, conversation: group, member: ben }));
      expect(refusedWith(await world.append({ ...command, clientId: world.ids.clientId() }))).toBe('not_found');
      expect(await world.done(command)).toEqual({ ...first, duplicate: true, facts: [] });
      expect(refusedWith(await world.append({ ...command, requestHash: 'other' }))).toBe('idempotency_mismatch');
    });

    it('[SND2] keeps the keys of actors and of apps apart', async () => {
      const { world, ben, group, send } = await scene();
      const command = send('one');
      const first = await world.done(command);
      const second = await world.done({ ...command, user: ben, actor: ben });
      expect([second.duplicate, second.seq]).toEqual([false, first.seq + 1]);
      const other = stage.world();
      const [dan] = await other.users(1) as [string];
      const theirs = await other.group(dan, []);
      const third = await other.done(other.message({ user: dan, conversation: theirs, text: 'x' }, { clientId: command.clientId, actor: command.actor }));
      expect(third.duplicate).toBe(false);
      expect((await world.facts(group, null)).at(-1)?.seq).toBe(second.seq);
    });

    it('[SND2] finds the command of a backend by the app, and takes any text as its key', async () => {
      const { world, group } = await scene();
      const command = world.message({ user: null, conversation: group, text: 'system' }, { clientId: 'order/42|über' });
      const first = await world.done(command);
      expect(await world.done(command)).toEqual({ ...first, duplicate: true, facts: [] });
      expect((await world.facts(group, null)).at(-1)).toMatchObject({ clientId: 'order/42|über', actor: null });
    });
  });

  describe('keys floor', () => {
    const stage = useStage(open);

    /** Walks all keys, two at a time. */
    const prune = async (world: World, beforeMs: number): Promise<number> => {
      let pruned = 0;
      for (let after: string | null = null; ;) {
        const step = await world.storage.pruneKeys(beforeMs, 2, after);
        pruned += step.pruned;
        if (step.next === null) return pruned;
        after = step.next;
      }
    };

    it('[SND2] prunes what is old by both clocks, keeps the rest, and refuses client ids from before the floor', async () => {
      const world = stage.world();
      const [ann] = await world.users(1) as [string];
      const group = await world.group(ann, []);
      const send = (clientId: string) => world.message({ user: ann, conversation: group, text: 'x' }, { clientId });
      const old = send(world.ids.clientId(CLIENT_MS));
      const text = send('not a uuid');
      const oldPlace = await world.done(old);
      await world.done(text);
      // As old by the server's clock, but from a client whose clock is ahead.
      const ahead = send(world.ids.clientId(oldPlace.timeMs + 90 * DAY_MS));
      const aheadPlace = await world.done(ahead);
      const last = await world.done(send(world.ids.clientId(CLIENT_MS + 1)));

      expect(await prune(world, CLIENT_MS - DAY_MS)).toBe(0);
      expect(await world.done(old)).toEqual({ ...oldPlace, duplicate: true, facts: [] });

      // The create, the old one and the text go: they are before the moment by the server's clock, too.
      expect(await prune(world, last.timeMs)).toBe(3);
      expect(refusedWith(await world.append(old))).toBe('client_id_expired');
      expect(refusedWith(await world.append(send(world.ids.clientId(CLIENT_MS + 5))))).toBe('client_id_expired');
      expect(await world.done(ahead)).toEqual({ ...aheadPlace, duplicate: true, facts: [] });
      expect((await world.done(send(world.ids.clientId(last.timeMs)))).duplicate).toBe(false);
      // A text has no time: after the floor it is new.
      expect((await world.done(text)).duplicate).toBe(false);
    });

    it('[SND2] never lowers the floor again', async () => {
      const world = stage.world();
      const [ann] = await world.users(1) as [string];
      const floorMs = 1_900_000_000_000;
      const create = (clientId: string) => world.command('conversation.create', { user: ann, conversationKind: 'group', name: '', data: '{}', history: 'all', members: [] }, { clientId });
      await prune(world, floorMs);
      await prune(world, floorMs - 10 * DAY_MS);
      expect(refusedWith(await world.append(create(world.ids.clientId(floorMs - 1))))).toBe('client_id_expired');
      expect((await world.append(create(world.ids.clientId(floorMs)))).ok).toBe(true);
    });
  });
}
