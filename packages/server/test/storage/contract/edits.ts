import { describe, expect, it } from 'vitest';
import type { OpenHarness } from '../harness.js';
import { refusedWith } from '../world.js';
import { tenMessages } from './messages-scene.js';
import { useStage } from './stage.js';

/** What becomes of a message: edits, deletion, and who sees which of them. */
export function editsContract(open: OpenHarness): void {
  describe('edit and delete', () => {
    const stage = useStage(open);
    const bodyOf = (message: { payload: string } | null) => JSON.parse(message?.payload ?? 'null') as unknown;

    it('[ORD5] an edit carries the whole new body; what is not said stays', async () => {
      const { world, ann, group, seqs } = await tenMessages(stage.world());
      const seq = seqs[1]!;
      const edit = await world.done(world.command('message.edit', { user: ann, conversation: group, seq, text: 'new', data: null }));
      const more = await world.done(world.command('message.edit', { user: ann, conversation: group, seq, text: null, data: '{"x":1}' }));
      expect(edit.targetSeq).toBe(seq);
      const message = await world.storage.message(world.app, ann, group, seq);
      expect(message).toMatchObject({ seq, bodySeq: more.seq, changedSeq: more.seq, editedMs: more.timeMs, deletedMs: null, ordinal: 2, senderOrdinal: 1 });
      expect(bodyOf(message)).toEqual({ text: 'new', data: '{"x":1}' });
      const facts = await world.facts(group, null);
      expect(bodyOf(facts[seq - 1]!)).toMatchObject({ text: 'm1' });
      expect(bodyOf(facts[edit.seq - 1]!)).toMatchObject({ text: 'new' });
      // CNT1: a fact about a message says where it stands in the count.
      for (const at of [seq, edit.seq, more.seq]) expect(facts[at - 1]).toMatchObject({ ordinal: 2, senderOrdinal: 1 });
    });

    it('[ORD5] an edit finds the body that its own batch has written', async () => {
      const { world, ann, group } = await tenMessages(stage.world());
      const { endSeq } = (await world.storage.conversation(world.app, ann, group))!;
      const edit = (text: string | null, data: string | null) => world.done(world.command('message.edit', { user: ann, conversation: group, seq: endSeq + 1, text, data }));
      await Promise.all([
        world.done(world.message({ user: ann, conversation: group, text: 'one', data: '{"a":1}', silent: true })), edit(null, '{"a":2}'), edit('two', null), edit(null, '{"a":3}'),
      ]);
      expect(bodyOf(await world.storage.message(world.app, ann, group, endSeq + 1))).toEqual({ text: 'two', data: '{"a":3}', silent: true });
    });

    it('[ISO4] only the sender edits, and nobody what is gone', async () => {
      const { world, ann, ben, group, seqs } = await tenMessages(stage.world());
      const edit = (user: string | null, seq: number) => world.append(world.command('message.edit', { user, conversation: group, seq, text: 'x', data: null }));
      expect(refusedWith(await edit(ann, seqs[0]!))).toBe('forbidden');
      expect(refusedWith(await edit(ann, 1))).toBe('not_found');
      await world.remove(group, ben, seqs[0]!);
      expect(refusedWith(await edit(ben, seqs[0]!))).toBe('gone');
      expect(refusedWith(await edit(null, seqs[1]!))).toBe(undefined);
    });

    it('[ISO2] who has come back acts upon what they see of the time before, and upon nothing of the time between', async () => {
      const world = stage.world();
      const [ann, ben] = await world.users(2) as [string, string];
      const group = await world.group(ann, []);
      const never = await world.say(group, ann, 'before all');
      const seqs: number[] = [];
      for (let at = 0; at < 2; at += 1) {
        await world.join(group, ann, ben);
        seqs.push(await world.say(group, ann, 'seen'));
        await world.leave(group, ben);
        seqs.push(await world.say(group, ann, 'missed'));
      }
      await world.join(group, ann, ben);
      const acts = (seq: number) => [
        world.command('reaction.set', { user: ben, conversation: group, seq, reaction: '👍', on: true }), world.command('bookmark.set', { user: ben, conversation: group, seq, note: '', on: true }),
        world.message({ user: ben, conversation: group, text: 'yes', more: { quote_seq: seq } }), world.command('message.hide', { user: ben, conversation: group, seq }),
      ];
      for (const seq of [never, ...seqs]) {
        const shown = await world.storage.message(world.app, ben, group, seq) !== null;
        const expected = shown ? undefined : 'not_found';
        for (const command of acts(seq)) expect([seq, command.kind, refusedWith(await world.append(command))]).toEqual([seq, command.kind, expected]);
      }
      // All of it in one batch, too.
      const [coming, again] = await world.users(2) as [string, string];
      const head = (await world.storage.conversation(world.app, ann, group))!.endSeq;
      const outcomes = await Promise.all([
        world.append(world.command('member.add', { user: ann, conversation: group, members: [coming], role: 'member' })), world.append(world.message({ user: ann, conversation: group, text: 'seen' })),
        world.append(world.command('member.remove', { user: coming, conversation: group, member: coming })), world.append(world.message({ user: ann, conversation: group, text: 'missed' })),
        world.append(world.command('member.add', { user: ann, conversation: group, members: [coming, again], role: 'member' })),
        ...[head + 2, head + 4].map((seq) => world.append(world.command('reaction.set', { user: coming, conversation: group, seq, reaction: '👍', on: true }))),
      ]);
      expect(outcomes.slice(-2).map(refusedWith)).toEqual([undefined, 'not_found']);
    });

    it('[VIS4] a deletion empties every fact about the message and leaves its place and its ordinals', async () => {
      const { world, ann, ben, group, seqs } = await tenMessages(stage.world());
      const seq = seqs[1]!;
      const edits = [await world.edit(group, ann, seq, 'secret 1'), await world.edit(group, ann, seq, 'secret 2')];
      const before = await world.facts(group, null);
      const gone = await world.done(world.command('message.delete', { user: ann, conversation: group, seq }));
      const after = await world.facts(group, null);
      for (const fact of before) {
        const now = after[fact.seq - 1]!;
        if (fact.seq === seq || edits.includes(fact.seq)) expect(now).toEqual({ ...fact, redacted: true, payload: '{}' });
        else expect(now).toEqual(fact);
      }
      expect(after[seq - 1]).toMatchObject({ ordinal: 2, senderOrdinal: 1 });
      expect(after.at(-1)).toMatchObject({ seq: gone.seq, type: 'message.deleted', targetSeq: seq, redacted: false, payload: '{}' });
      const stored = JSON.stringify([after, await world.storage.factsAfterPosition(0, 100_000)]);
      expect(stored).not.toContain('secret');
      expect(await world.storage.message(world.app, ben, group, seq)).toMatchObject({
        deletedMs: gone.timeMs, changedSeq: gone.seq, bodySeq: seq, ordinal: 2, senderOrdinal: 1, payload: '{}',
      });
    });

    it('[VIS4] an edit and a deletion of one batch leave no text, neither in the log nor in the answers', async () => {
      const { world, ann, group, seqs } = await tenMessages(stage.world());
      const seq = seqs[1]!;
      const [edit, gone, late] = await Promise.all([
        world.done(world.command('message.edit', { user: ann, conversation: group, seq, text: 'secret', data: null })),
        world.done(world.command('message.delete', { user: ann, conversation: group, seq })),
        world.append(world.command('message.edit', { user: ann, conversation: group, seq, text: 'secret', data: null })),
      ]);
      expect(refusedWith(late)).toBe('gone');
      const facts = await world.facts(group, null);
      expect(facts[edit.seq - 1]).toMatchObject({ type: 'message.updated', redacted: true, payload: '{}' });
      expect(facts[seq - 1]).toMatchObject({ redacted: true });
      expect(facts.at(-1)?.seq).toBe(gone.seq);
      expect(edit.facts).toEqual([facts[edit.seq - 1]]);
      expect(JSON.stringify([facts, edit.facts, await world.storage.message(world.app, ann, group, seq)])).not.toContain('secret');
    });

    it('[VIS4] a send and its deletion of one batch leave no text, either', async () => {
      const { world, ann, group } = await tenMessages(stage.world());
      const { endSeq } = (await world.storage.conversation(world.app, ann, group))!;
      const [sent, gone] = await Promise.all([
        world.done(world.message({ user: ann, conversation: group, text: 'secret' })),
        world.done(world.command('message.delete', { user: ann, conversation: group, seq: endSeq + 1 })),
      ]);
      expect([sent.seq, gone.targetSeq]).toEqual([endSeq + 1, endSeq + 1]);
      const facts = await world.facts(group, null);
      expect(facts[sent.seq - 1]).toMatchObject({ redacted: true, payload: '{}', ordinal: 11, senderOrdinal: 6 });
      expect(sent.facts).toEqual([facts[sent.seq - 1]]);
    });

    it('[VIS4] deleting again answers with the first deletion and appends nothing', async () => {
      const { world, ann, group, seqs } = await tenMessages(stage.world());
      const remove = () => world.done(world.command('message.delete', { user: ann, conversation: group, seq: seqs[1]! }));
      const first = await remove();
      const { position } = await world.storage.info();
      expect(await remove()).toEqual({ ...first, facts: [] });
      expect((await world.storage.info()).position).toBe(position);
    });

    it('[RES3] tells the changes of the messages that a client holds, page by page', async () => {
      const { world, ann, ben, group, seqs } = await tenMessages(stage.world());
      const first = await world.edit(group, ann, seqs[1]!, 'e1');
      const second = await world.edit(group, ben, seqs[2]!, 'e2');
      const third = await world.edit(group, ann, seqs[5]!, 'e3');
      const fourth = await world.remove(group, ann, seqs[1]!);
      const ask = (afterSeq: number, fromSeq: number, toSeq: number, limit: number) =>
        world.storage.changes({ app: world.app, conversation: group, viewer: ann, afterSeq, range: { fromSeq, toSeq }, limit });
      const whole = await ask(0, 1, seqs[9]!, 10);
      expect(whole?.items.map((fact) => fact.seq)).toEqual([first, second, third, fourth]);
      expect(whole?.more).toBe(false);
      expect(whole?.items[0]).toMatchObject({ redacted: true, targetSeq: seqs[1] });
      expect((await ask(0, seqs[2]!, seqs[5]!, 10))?.items.map((fact) => fact.seq)).toEqual([second, third]);
      expect((await ask(second, 1, seqs[9]!, 10))?.items.map((fact) => fact.seq)).toEqual([third, fourth]);
      const page = await ask(0, 1, seqs[9]!, 3);
      expect([page?.items.length, page?.more]).toEqual([3, true]);
      expect((await ask(page!.items[2]!.seq, 1, seqs[9]!, 3))?.items.map((fact) => fact.seq)).toEqual([fourth]);
    });

    it('[RES3,ISO2] leaves out changes from outside of the own intervals, and still gets to the end', async () => {
      const { world, ann, ben, group, seqs } = await tenMessages(stage.world());
      const seen = [await world.edit(group, ann, seqs[1]!, 'seen')];
      await world.leave(group, ben);
      for (let at = 0; at < 5; at += 1) await world.edit(group, ann, seqs[1]!, `hidden ${at}`);
      await world.join(group, ann, ben);
      seen.push(await world.edit(group, ann, seqs[1]!, 'seen again'));
      const walk = async (limit: number) => {
        const found: number[] = [];
        for (let afterSeq = 0; ;) {
          const page = await world.storage.changes({ app: world.app, conversation: group, viewer: ben, afterSeq, range: { fromSeq: 1, toSeq: 100 }, limit });
          found.push(...page!.items.map((fact) => fact.seq));
          if (!page!.more) return found;
          expect(page!.items.length).toBeGreaterThan(0);
          afterSeq = page!.items.at(-1)!.seq;
        }
      };
      for (const limit of [1, 2, 3, 10]) expect(await walk(limit)).toEqual(seen);
      await world.leave(group, ben);
      await world.edit(group, ann, seqs[1]!, 'hidden');
      expect(await walk(2)).toEqual(seen);
    });

    it('[ISO3] shows a former member the text of their time, and a deletion to everyone', async () => {
      const { world, ann, ben, group, seqs, ask } = await tenMessages(stage.world());
      const edited = await world.edit(group, ann, seqs[1]!, 'in their time');
      await world.leave(group, ben);
      await world.edit(group, ann, seqs[1]!, 'after');
      await world.edit(group, ann, seqs[3]!, 'after');
      await world.edit(group, ann, seqs[5]!, 'after');
      await world.remove(group, ann, seqs[5]!);
      const page = await ask({ kind: 'newest' }, 50, ben);
      const of = (seq: number) => page.items.find((item) => item.seq === seq)!;
      expect(JSON.stringify(page)).not.toContain('"after"');
      expect(bodyOf(of(seqs[1]!))).toMatchObject({ text: 'in their time' });
      expect(of(seqs[1]!)).toMatchObject({ bodySeq: edited, changedSeq: edited });
      expect(bodyOf(of(seqs[3]!))).toMatchObject({ text: 'm3' });
      expect(of(seqs[3]!)).toMatchObject({ bodySeq: seqs[3], changedSeq: seqs[3], editedMs: null });
      expect(of(seqs[5]!)).toMatchObject({ payload: '{}', ordinal: 6, senderOrdinal: 3 });
      expect(await world.storage.message(world.app, ben, group, seqs[1]!)).toEqual(of(seqs[1]!));
      // Everyone else sees what is.
      expect(bodyOf(await world.storage.message(world.app, ann, group, seqs[3]!))).toMatchObject({ text: 'after' });
    });

    it('[ISO3] shows the text of the last message in the inbox likewise', async () => {
      const { world, ann, ben, group, seqs } = await tenMessages(stage.world());
      await world.leave(group, ben);
      await world.edit(group, ann, seqs[9]!, 'after');
      const record = await world.storage.conversation(world.app, ben, group);
      expect(bodyOf(record!.lastMessage)).toMatchObject({ text: 'm9' });
    });
  });
}
