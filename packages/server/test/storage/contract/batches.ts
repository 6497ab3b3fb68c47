import { describe, expect, it } from 'vitest';
import { Lane } from '../../../src/storage/lane.js';
import type { OpenHarness } from '../harness.js';
import { STAGED } from '../staged-rules.mjs';
import { createWorld, isRetryable, refusedWith, type World } from '../world.js';
import { useStage } from './stage.js';

async function scene(world: World) {
  const [ann] = await world.users(1) as [string];
  const group = await world.group(ann, []);
  const send = (text: string) => world.message({ user: ann, conversation: group, text });
  return { world, ann, group, send };
}

/** What happens to commands that share a transaction. */
export function batchesContract(open: OpenHarness): void {
  describe('group commit', () => {
    const stage = useStage(open);

    it('[SND1] writes 512 sends of one turn in at most 64 commits', async () => {
      const { world, group, send } = await scene(stage.world());
      const before = await stage.harness().commits();
      const outcomes = await Promise.all(Array.from({ length: 512 }, (_, at) => world.append(send(`m${at}`))));
      expect(outcomes.every((outcome) => outcome.ok)).toBe(true);
      const commits = await stage.harness().commits() - before;
      expect(commits).toBeGreaterThan(0);
      expect(commits).toBeLessThanOrEqual(64);
      expect((await world.facts(group, null, 200)).filter((fact) => fact.type === 'message.created')).toHaveLength(512);
    });

    it('[SND1] writes sends that come one by one over many turns in few commits, too', async () => {
      const { world, send } = await scene(stage.world());
      const before = await stage.harness().commits();
      const outcomes = [];
      for (let at = 0; at < 512; at += 1) {
        outcomes.push(world.append(send(`m${at}`)));
        if (at % 64 === 63) await outcomes[at - 63];
      }
      await Promise.all(outcomes);
      expect(await stage.harness().commits() - before).toBeLessThanOrEqual(64);
    });

    it('[SND1] writes a lone send in one commit of its own', async () => {
      const { world, send } = await scene(stage.world());
      for (let at = 0; at < 3; at += 1) {
        const before = await stage.harness().commits();
        await world.done(send('alone'));
        expect(await stage.harness().commits() - before).toBe(1);
      }
    });

    it('[SND2] does not split a batch over a repeat in it, nor over a pair that asks twice', async () => {
      const { world, ann, send } = await scene(stage.world());
      const ben = await world.user();
      const direct = () => world.command('conversation.create', { user: ann, conversationKind: 'direct', name: '', data: '{}', history: 'all', members: [ben] });
      const command = send('once');
      const before = await stage.harness().commits();
      await Promise.all([command, command, direct(), direct()].map((one) => world.done(one)));
      expect(await stage.harness().commits() - before).toBe(1);
    });

    it('[SND2] commits nothing for a repeat', async () => {
      const { world, send } = await scene(stage.world());
      const command = send('once');
      await world.done(command);
      const { position } = await world.storage.info();
      expect((await world.done(command)).duplicate).toBe(true);
      expect((await world.storage.info()).position).toBe(position);
    });
  });

  describe('one bad append', () => {
    const stage = useStage(open);

    it.each([
      ['[ISO4] that violates a constraint fails alone and for good', STAGED.constraint, 'invalid_argument', false],
      ['[ISO4] that breaks after it has changed something fails alone and leaves nothing', STAGED.breaks, 'internal', true],
    ])('%s', async (_, text, code, retryable) => {
      const { world, group, send } = await scene(stage.world());
      const bad = send(text);
      const outcomes = await Promise.all([send('a'), bad, send('b'), bad, send('c')].map((command) => world.append(command)));
      expect(outcomes.map(refusedWith)).toEqual([undefined, code, undefined, code, undefined]);
      expect(isRetryable(outcomes[1]!)).toBe(retryable);
      const facts = await world.facts(group, null);
      expect(facts.filter((fact) => fact.type === 'message.created').map(({ payload, ordinal, senderOrdinal }) => ({ payload, ordinal, senderOrdinal }))).toEqual([
        { payload: '{"text":"a"}', ordinal: 1, senderOrdinal: 1 }, { payload: '{"text":"b"}', ordinal: 2, senderOrdinal: 2 }, { payload: '{"text":"c"}', ordinal: 3, senderOrdinal: 3 },
      ]);
      expect(facts.map((fact) => fact.seq)).toEqual([1, 2, 3, 4, 5]);
      // Alone in its batch it fails in the same way, and what comes next finds nothing of it.
      expect(refusedWith(await world.append(bad))).toBe(code);
      expect((await world.done(send('d'))).seq).toBe(6);
    });

    it('[ISO4] fails alone when a field is missing that the database wants', async () => {
      const { world, send } = await scene(stage.world());
      const outcomes = await Promise.all([send('a'), { ...send('bad'), requestHash: null as unknown as string }, send('b')].map((command) => world.append(command)));
      expect(outcomes.map(refusedWith)).toEqual([undefined, 'invalid_argument', undefined]);
    });

    it('[ISO4] takes no mark of the same batch with it', async () => {
      const { world, ann, group, send } = await scene(stage.world());
      const seq = await world.say(group, ann, 'a');
      const [bad, mark] = await Promise.all([world.append(send(STAGED.constraint)), world.read(group, ann, seq)]);
      expect(refusedWith(bad)).toBe('invalid_argument');
      expect(mark).toMatchObject({ ok: true, moved: { readSeq: seq } });
      expect((await world.storage.conversation(world.app, ann, group))?.member?.readSeq).toBe(seq);
    });
  });

  describe('overload', () => {
    const stage = useStage(open, { bounds: { batch_chars_max: 8, waiting_max: 8, overloaded_retry_ms: 77 } });

    it('[FLW2,FLW3] refuses what is above the bound at once, retryably, and keeps what was acked', async () => {
      const { world, group, send } = await scene(stage.world());
      const outcomes = await Promise.all(Array.from({ length: 20 }, (_, at) => world.append(send(`m${at}`))));
      const refused = outcomes.filter((outcome) => !outcome.ok);
      expect(outcomes.slice(0, 8).every((outcome) => outcome.ok)).toBe(true);
      expect(refused).toHaveLength(12);
      for (const outcome of refused) expect(outcome).toMatchObject({ ok: false, refusal: { code: 'overloaded', retryAfterMs: 77 } });
      expect(isRetryable(refused[0]!)).toBe(true);
      expect((await world.facts(group, null)).filter((fact) => fact.type === 'message.created')).toHaveLength(8);
    });

    it('[FLW3] counts marks among what waits', async () => {
      const { world, ann, group, send } = await scene(stage.world());
      const seq = await world.say(group, ann, 'a');
      const outcomes = await Promise.all([
        ...Array.from({ length: 8 }, (_, at) => world.append(send(`m${at}`))), world.read(group, ann, seq),
      ]);
      expect(outcomes.map(refusedWith)).toEqual([...Array.from({ length: 8 }, () => undefined), 'overloaded']);
    });

    it('[SND4] keeps the order of a lane over many batches', async () => {
      const { world, group, send } = await scene(stage.world());
      const lane = new Lane();
      for (let turn = 0; turn < 3; turn += 1) {
        await Promise.all(Array.from({ length: 8 }, (_, at) => world.done(send(`${turn}.${at}`), lane)));
      }
      const texts = (await world.facts(group, null)).slice(2).map((fact) => (JSON.parse(fact.payload) as { text: string }).text);
      expect(texts).toEqual([...texts].sort());
      expect(texts).toHaveLength(24);
    });
  });

  describe('stop', () => {
    it('[CLU4] answers what was handed over, then refuses, and closes', async () => {
      const harness = await open();
      const { world, group, ann, send } = await scene(createWorld(harness.storage, 90_001));
      expect(harness.storage.ready()).toBe(true);
      const handed = Array.from({ length: 10 }, (_, at) => world.append(send(`m${at}`)));
      const stopped = harness.storage.stop();
      const late = world.append(send('late'));
      const lateMark = world.read(group, ann, 1);
      expect((await Promise.all(handed)).every((outcome) => outcome.ok)).toBe(true);
      expect(refusedWith(await late)).toBe('draining');
      expect(refusedWith(await lateMark)).toBe('draining');
      await stopped;
      expect(harness.storage.ready()).toBe(false);
      expect(refusedWith(await world.append(send('later')))).toBe('draining');
      await expect(harness.storage.info()).rejects.toMatchObject({ code: 'unavailable' });
      await expect(harness.storage.lease('x', 'y', 1, 1)).rejects.toMatchObject({ code: 'unavailable' });
      await harness.close();
    });
  });
}
