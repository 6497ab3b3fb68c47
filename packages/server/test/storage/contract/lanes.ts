import { describe, expect, it } from 'vitest';
import type { AppendOutcome, Command } from '../../../src/storage/command.js';
import { defaultBatchBounds } from '../../../src/storage/group-commit.js';
import { Lane } from '../../../src/storage/lane.js';
import type { OpenHarness } from '../harness.js';
import { STAGED } from '../staged-rules.mjs';
import { isRetryable, refusedWith, type World } from '../world.js';
import { useStage } from './stage.js';

interface Scene {
  readonly world: World;
  readonly group: string;
  readonly send: (text: string) => Command;
  /** Texts in the order of the log. */
  readonly texts: () => Promise<string[]>;
}

async function scene(world: World): Promise<Scene> {
  const [ann] = await world.users(1) as [string];
  const group = await world.group(ann, []);
  return {
    world, group,
    send: (text) => world.message({ user: ann, conversation: group, text }),
    async texts() {
      const sent = (await world.facts(group, ann)).filter((fact) => fact.type === 'message.created');
      return sent.map((fact) => (JSON.parse(fact.payload) as { text: string }).text);
    },
  };
}

/** SND4: the order of one connection's commands in one stream. */
export function lanesContract(open: OpenHarness): void {
  describe('lanes', () => {
    const stage = useStage(open);

    it('[SND4] commits a lane in the order in which it was handed over', async () => {
      const { world, send, texts } = await scene(stage.world());
      const lane = new Lane();
      const wanted = Array.from({ length: 64 }, (_, at) => `m${at}`);
      await Promise.all(wanted.map((text) => world.done(send(text), lane)));
      expect(await texts()).toEqual(wanted);
    });

    it('[SND4] refuses what stands behind a retryable refusal, in the batch and after it, until it is sent again', async () => {
      const { world, send, texts } = await scene(stage.world());
      const lane = new Lane();
      const [a, b, c, d] = [send('a'), send(STAGED.refusedOnce), send('c'), send('d')] as [Command, Command, Command, Command];
      expect((await Promise.all([a, b, c].map((command) => world.append(command, lane)))).map(refusedWith)).toEqual([undefined, 'unavailable', 'predecessor_refused']);
      const late = await world.append(d, lane);
      expect(refusedWith(late)).toBe('predecessor_refused');
      expect(isRetryable(late)).toBe(true);
      expect(await texts()).toEqual(['a']);
      expect((await Promise.all([b, c, d].map((command) => world.append(command, lane)))).map(refusedWith)).toEqual([undefined, undefined, undefined]);
      expect(await texts()).toEqual(['a', STAGED.refusedOnce, 'c', 'd']);
    });

    it('[SND4] leaves other lanes alone', async () => {
      const { world, send, texts } = await scene(stage.world());
      const outcomes = await Promise.all([world.append(send(STAGED.refusedOnce), new Lane()), world.append(send('other'), new Lane())]);
      expect(outcomes.map(refusedWith)).toEqual(['unavailable', undefined]);
      expect(await texts()).toEqual(['other']);
    });

    it('[SND4,ISO4] what drops out of thousands that wait together leaves the others as they are', async () => {
      const { world, send, texts } = await scene(stage.world());
      const [ben] = await world.users(1) as [string];
      const other = await world.group(ben, []);
      await world.say(other, ben, 'to be marked');
      const lane = new Lane();
      const first = world.append(send(STAGED.refusedOnce), lane);
      // It is on its way to the database when the others come.
      await new Promise((resolve) => setImmediate(resolve));
      const dropped = Array.from({ length: 200 }, (_, at) => world.append(send(`dropped ${at}`), lane));
      const sent = Array.from({ length: 1_847 }, (_, at) => world.append(send(`m${at}`)));
      const marked = Array.from({ length: 100 }, () => world.append(world.command('conversation.mark_unread', { user: ben, conversation: other, fromSeq: 1 })));
      expect(refusedWith(await first)).toBe('unavailable');
      expect(new Set((await Promise.all(dropped)).map(refusedWith))).toEqual(new Set(['predecessor_refused']));
      expect((await Promise.all([...sent, ...marked])).filter((outcome) => !outcome.ok)).toEqual([]);
      expect(await texts()).toEqual(sent.map((_, at) => `m${at}`));
    });

    it('[SND4,SND7] many lanes that are refused now and then, and go on from there, stand each in its order, and each command once', async () => {
      const { world, group, send } = await scene(stage.world());
      const wanted = new Map<string, string>();
      let added = 0;
      /** As a client does: what is refused retryably goes again, with all that stands behind it. */
      const run = async (name: string, lane: Lane, commands: readonly Command[]): Promise<void> => {
        for (let left = commands; left.length > 0; ) {
          const answers: Promise<AppendOutcome>[] = [];
          for (const command of left) {
            answers.push(world.append(command, lane));
            // The others come while the first are being committed.
            await new Promise((resolve) => setImmediate(resolve));
          }
          const outcomes = await Promise.all(answers);
          const refused = outcomes.findIndex((outcome) => !outcome.ok);
          if (refused >= 0) expect(outcomes.slice(refused).map(isRetryable)).toEqual(outcomes.slice(refused).map(() => true));
          for (const outcome of outcomes) if (outcome.ok && !outcome.duplicate) added += outcome.facts.length;
          left = refused < 0 ? [] : left.slice(refused);
        }
        for (const { clientId } of commands) wanted.set(clientId, name);
      };
      const lanes = Array.from({ length: 40 }, (_, lane) => Array.from({ length: 40 }, (_unused, at) => send((at * 7 + lane) % 23 === 0 ? STAGED.refusedOnce : `${lane}.${at}`)));
      await Promise.all(lanes.map((commands, at) => run(String(at), new Lane(), commands)));
      const stands = (await world.facts(group, null)).filter((fact) => fact.type === 'message.created').map((fact) => fact.clientId!);
      expect(added).toBe(1_600);
      expect(stands).toHaveLength(1_600);
      for (const [at, commands] of lanes.entries()) expect(stands.filter((id) => wanted.get(id) === String(at))).toEqual(commands.map(({ clientId }) => clientId));
    });

    it('[SND4] goes on when the refused command is abandoned', async () => {
      const { world, send, texts } = await scene(stage.world());
      const lane = new Lane();
      const refused = send(STAGED.refusedOnce);
      await world.append(refused, lane);
      expect(refusedWith(await world.append(send('b'), lane))).toBe('predecessor_refused');
      lane.abandon(world.ids.clientId());
      expect(refusedWith(await world.append(send('c'), lane))).toBe('predecessor_refused');
      lane.abandon(refused.clientId);
      expect((await world.append(send('d'), lane)).ok).toBe(true);
      expect(await texts()).toEqual(['d']);
    });

    it('[SND4,SND6] is not blocked by a final refusal', async () => {
      const { world, group, send, texts } = await scene(stage.world());
      const lane = new Lane();
      const stranger = await world.user();
      const refused = world.message({ user: stranger, conversation: group, text: 'no' });
      const outcomes = await Promise.all([send('a'), refused, send('b')].map((command) => world.append(command, lane)));
      expect(outcomes.map(refusedWith)).toEqual([undefined, 'not_found', undefined]);
      expect(await texts()).toEqual(['a', 'b']);
    });

    it('[SND4] blocks the lane when a batch is split over a broken command', async () => {
      const { world, send, texts } = await scene(stage.world());
      const lane = new Lane();
      const outcomes = await Promise.all([
        world.append(send('a'), lane), world.append(send(STAGED.breaks), lane), world.append(send('b'), lane), world.append(send('other'), new Lane()),
      ]);
      expect(outcomes.map(refusedWith)).toEqual([undefined, 'internal', 'predecessor_refused', undefined]);
      expect(await texts()).toEqual(['a', 'other']);
    });
  });

  describe('lanes under overload', () => {
    const stage = useStage(open, { bounds: { ...defaultBatchBounds, waiting_max: 2 } });

    it('[SND4,FLW2] an overloaded command does not refuse the ones before it', async () => {
      const { world, send, texts } = await scene(stage.world());
      const lane = new Lane();
      const [a, b, c, d] = [send('a'), send('b'), send('c'), send('d')] as [Command, Command, Command, Command];
      const outcomes = await Promise.all([a, b, c, d].map((command) => world.append(command, lane)));
      expect(outcomes.map(refusedWith)).toEqual([undefined, undefined, 'overloaded', 'overloaded']);
      expect(await texts()).toEqual(['a', 'b']);
      // The lane is blocked by the first that was refused.
      expect(refusedWith(await world.append(d, lane))).toBe('predecessor_refused');
      expect((await world.append(c, lane)).ok).toBe(true);
      expect((await world.append(d, lane)).ok).toBe(true);
      expect(await texts()).toEqual(['a', 'b', 'c', 'd']);
    });

    it('[SND4] the earliest of several refusals blocks, whichever came to light first', async () => {
      const { world, send, texts } = await scene(stage.world());
      const lane = new Lane();
      const [a, b, c] = [send(STAGED.refusedOnce), send('b'), send('c')] as [Command, Command, Command];
      const outcomes = await Promise.all([a, b, c].map((command) => world.append(command, lane)));
      expect(outcomes.map(refusedWith)).toEqual(['unavailable', 'predecessor_refused', 'overloaded']);
      expect(refusedWith(await world.append(c, lane))).toBe('predecessor_refused');
      for (const command of [a, b, c]) expect((await world.append(command, lane)).ok).toBe(true);
      expect(await texts()).toEqual([STAGED.refusedOnce, 'b', 'c']);
    });
  });
}
