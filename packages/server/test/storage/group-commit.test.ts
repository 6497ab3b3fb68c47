/** The queue in front of every driver, with a commit that the test holds in its hands. */
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { AppendOutcome, Command } from '../../src/storage/command.js';
import { GroupCommit, oneAfterTheOther, type BatchBounds, type BatchEntry, type BatchOutcome } from '../../src/storage/group-commit.js';
import { Lane } from '../../src/storage/lane.js';
import { refusedWith } from './world.js';

const command = (clientId: string): Command => ({
  kind: 'message.send', app: 'a', actor: 'u', user: 'u', clientId, requestHash: '', traceId: null, conversation: 'c', payload: clientId, silent: false, more: null,
});
const done: AppendOutcome = { ok: true, duplicate: false, facts: [], place: { stream: 'c', seq: 1, timeMs: 1, type: 'message.created', targetSeq: null } };
const unavailable: AppendOutcome = { ok: false, refusal: { code: 'unavailable', message: 'staged' } };

interface Held {
  readonly names: string[];
  readonly batch: readonly BatchEntry[];
  finish(outcome?: (name: string) => BatchOutcome): void;
}

function queueInHand(bounds?: BatchBounds, monotonic?: () => number) {
  const held: Held[] = [];
  const queue = new GroupCommit(oneAfterTheOther((batch) => new Promise((resolve) => {
    const names = batch.map((entry) => (entry.kind === 'mark' ? 'mark' : entry.command.clientId));
    held.push({ names, batch, finish: (outcome = () => done) => resolve(names.map((name) => outcome(name))) });
  })), bounds, monotonic);
  return { queue, held, append: (clientId: string, lane = new Lane()) => queue.append(command(clientId), lane) };
}

/** Lets everything that is due in this turn happen. */
const turn = (): Promise<void> => new Promise((resolve) => {
  setImmediate(resolve);
});

afterEach(() => {
  vi.useRealTimers();
});

describe('group commit', () => {
  it('[SND1] stands still when a batch is not answered for three seconds, and no longer when it is', async () => {
    let nowMs = 10_000;
    const { queue, held, append } = queueInHand(undefined, () => nowMs);
    nowMs += 60_000;
    expect(queue.stalled).toBe(false);
    const answered = append('a');
    await turn();
    nowMs += 2_999;
    expect(queue.stalled).toBe(false);
    nowMs += 1;
    expect(queue.stalled).toBe(true);
    held[0]!.finish();
    await answered;
    await turn();
    expect(queue.stalled).toBe(false);
  });

  it('[SND1] hands a lone command on at once, and sets no timer for it', async () => {
    vi.useFakeTimers();
    const { held, append } = queueInHand();
    const outcome = append('a');
    for (let at = 0; at < 10 && held.length === 0; at += 1) await Promise.resolve();
    expect(held.map((one) => one.names)).toEqual([['a']]);
    expect(vi.getTimerCount()).toBe(0);
    held[0]!.finish();
    expect(await outcome).toEqual(done);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('[SND1] gathers what comes while a commit runs, and resolves nothing before its commit', async () => {
    const { held, append } = queueInHand();
    const resolved: string[] = [];
    const start = (name: string): void => void append(name).then(() => resolved.push(name));
    start('a');
    await turn();
    for (const name of ['b', 'c', 'd']) {
      start(name);
      await turn();
    }
    expect(held.map((one) => one.names)).toEqual([['a']]);
    held[0]!.finish();
    await turn();
    expect(resolved).toEqual(['a']);
    expect(held.map((one) => one.names)).toEqual([['a'], ['b', 'c', 'd']]);
    held[1]!.finish();
    await turn();
    expect(resolved).toEqual(['a', 'b', 'c', 'd']);
    start('e');
    await turn();
    expect(held[2]?.names).toEqual(['e']);
  });

  it('[FLW3] cuts batches at their bound of text, in order, and never takes less than one', async () => {
    const { held, append } = queueInHand({ batch_chars_max: 6, waiting_max: 100, overloaded_retry_ms: 1 });
    const all = Promise.all(Array.from({ length: 7 }, (_, at) => append(`m${at}`)));
    for (let at = 0; at < 3; at += 1) {
      await turn();
      held[at]!.finish();
    }
    await all;
    expect(held.map((one) => one.names)).toEqual([['m0', 'm1', 'm2'], ['m3', 'm4', 'm5'], ['m6']]);
    const long = Promise.all(['a long one', 'b'].map((text) => append(text)));
    await turn();
    held[3]!.finish();
    await turn();
    held[4]!.finish();
    await long;
    expect(held.slice(3).map((one) => one.names)).toEqual([['a long one'], ['b']]);
  });

  it('[SND4] tells the lanes of a batch apart', async () => {
    const { held, append, queue } = queueInHand();
    const [one, two] = [new Lane(), new Lane()];
    void append('a', one);
    void append('b', two);
    void append('c', one);
    void queue.mark({ app: 'a', conversation: 'c', user: 'u', deliveredSeq: 1, readSeq: 1 });
    await turn();
    expect(held[0]!.batch.map((entry) => (entry.kind === 'mark' ? 'mark' : entry.lane))).toEqual([0, 1, 0, 'mark']);
  });

  it('[SND4] holds back what waits behind a retryable refusal of the batch before', async () => {
    const { held, append } = queueInHand();
    const lane = new Lane();
    const outcomes = [append('a', lane)];
    await turn();
    outcomes.push(append('b', lane), append('x'));
    held[0]!.finish(() => unavailable);
    await turn();
    expect(held[1]?.names).toEqual(['x']);
    held[1]!.finish();
    expect((await Promise.all(outcomes)).map(refusedWith)).toEqual(['unavailable', 'predecessor_refused', undefined]);
    const again = [append('a', lane), append('b', lane)];
    await turn();
    expect(held[2]?.names).toEqual(['a', 'b']);
    held[2]!.finish();
    expect((await Promise.all(again)).map(refusedWith)).toEqual([undefined, undefined]);
  });

  it('[SND4] commits nothing when everything that waits is held back', async () => {
    const { held, append } = queueInHand();
    const lane = new Lane();
    void append('a', lane);
    await turn();
    const behind = [append('b', lane), append('c', lane)];
    held[0]!.finish(() => unavailable);
    expect((await Promise.all(behind)).map(refusedWith)).toEqual(['predecessor_refused', 'predecessor_refused']);
    expect(held).toHaveLength(1);
    expect(lane.idle).toBe(false);
    // The queue is not stuck.
    void append('x');
    await turn();
    expect(held[1]?.names).toEqual(['x']);
  });

  it('[CLU4] commits what waits when it is stopped, and refuses what comes after', async () => {
    const { held, append, queue } = queueInHand();
    const first = append('a');
    await turn();
    const second = append('b');
    let stopped = false;
    const stopping = queue.stop().then(() => {
      stopped = true;
    });
    const lane = new Lane();
    expect(refusedWith(await append('late', lane))).toBe('draining');
    expect(lane.idle).toBe(false);
    held[0]!.finish();
    expect(await first).toEqual(done);
    await turn();
    expect(stopped).toBe(false);
    held[1]!.finish();
    expect(await second).toEqual(done);
    await stopping;
    expect(held).toHaveLength(2);
  });
});

describe('lane', () => {
  it('[SND4] is blocked by the first that is refused, and opened by it alone', () => {
    const lane = new Lane();
    expect(lane.idle).toBe(true);
    lane.block('a');
    lane.block('b');
    expect(lane.idle).toBe(false);
    expect([lane.admit('b'), lane.admit('c')]).toEqual([false, false]);
    lane.abandon('b');
    expect(lane.admit('b')).toBe(false);
    expect(lane.admit('a')).toBe(true);
    expect([lane.idle, lane.admit('b')]).toEqual([true, true]);
    lane.block('b');
    lane.abandon('b');
    expect(lane.idle).toBe(true);
  });

  it('[SND4] lets those go on that had their turn before the one that blocks', () => {
    const lane = new Lane();
    const [first, second, third] = [lane.take(), lane.take(), lane.take()];
    lane.block('second', second);
    expect(lane.admit('first', first)).toBe(true);
    expect(lane.admit('third', third)).toBe(false);
    lane.block('third', third);
    lane.block('first', first);
    expect(lane.admit('second')).toBe(false);
    expect(lane.admit('first')).toBe(true);
    expect(lane.idle).toBe(true);
  });
});

/** A committer that the test holds in its hands, and that says what is done with it. */
function ahead(bounds: { readonly ahead_min: number; readonly ahead_max: number }, limits?: BatchBounds) {
  const said: string[] = [];
  const ends: ((outcome?: (name: string) => BatchOutcome | undefined) => void)[] = [];
  const nameOf = (entry: BatchEntry): string => (entry.kind === 'mark' ? 'mark' : entry.command.clientId);
  const lanes: number[][] = [];
  const queue = new GroupCommit({
    ...bounds,
    begin(batch, isAhead) {
      const names = batch.map(nameOf);
      lanes.push(batch.map((entry) => (entry.kind === 'mark' ? -1 : entry.lane)));
      said.push(`${isAhead ? 'ahead' : 'begin'} ${names.join('')}`);
      return {
        commit() {
          said.push(`commit ${names.join('')}`);
          const outcomes = new Promise<readonly BatchOutcome[] | undefined>((resolve) => {
            ends.push((outcome = () => done) => {
              const all = names.map((name) => outcome(name));
              resolve(all.includes(undefined) ? undefined : all as BatchOutcome[]);
            });
          });
          return { asked: Promise.resolve(), outcomes };
        },
        forget: () => void said.push(`forget ${names.join('')}`),
      };
    },
  }, limits);
  return { said, ends, lanes, queue, append: (clientId: string, lane = new Lane()) => queue.append(command(clientId), lane) };
}

describe('batches that are begun ahead', () => {
  it('[SND1] begins one when enough wait, as many as are being committed, and no more than it may', async () => {
    const { said, ends, append } = ahead({ ahead_min: 2, ahead_max: 2 });
    const start = async (names: string): Promise<void> => {
      for (const name of names) void append(name);
      await turn();
    };
    await start('abc');
    await start('de');
    expect(said).toEqual(['begin abc', 'commit abc']);
    await start('f');
    await start('gh');
    await start('i');
    await start('jkl');
    await start('mnopq');
    expect(said.slice(2)).toEqual(['ahead def', 'ahead ghi']);
    ends[0]!();
    await turn();
    expect(said.slice(4)).toEqual(['commit def', 'ahead jklmnopq']);
    ends[1]!();
    await turn();
    ends[2]!();
    await turn();
    expect(said.slice(6)).toEqual(['commit ghi', 'commit jklmnopq']);
  });

  it('[SND4] begins anew what was begun behind a batch that kept it from being run, in its order', async () => {
    const { said, ends, lanes, append } = ahead({ ahead_min: 1, ahead_max: 8 });
    const lane = new Lane();
    const outcomes = [append('a', lane)];
    await turn();
    outcomes.push(append('b', lane), append('c'));
    await turn();
    outcomes.push(append('d', lane));
    await turn();
    expect(said).toEqual(['begin a', 'commit a', 'ahead bc', 'ahead d']);
    // The lane is the same one, whichever batch it stands in.
    expect(lanes).toEqual([[0], [0, 1], [0]]);
    ends[0]!(() => unavailable);
    await turn();
    expect(said.slice(4)).toEqual(['commit bc']);
    ends[1]!(() => undefined);
    await turn();
    expect(said.slice(5)).toEqual(['forget d', 'begin c', 'commit c']);
    ends[2]!();
    expect((await Promise.all(outcomes)).map(refusedWith)).toEqual(['unavailable', 'predecessor_refused', undefined, 'predecessor_refused']);
    expect(lane.idle).toBe(false);
  });

  it('[SND4] takes for done what was run with the batch that refused something', async () => {
    const { said, ends, append } = ahead({ ahead_min: 1, ahead_max: 8 });
    const lane = new Lane();
    const outcomes = [append('a', lane)];
    await turn();
    outcomes.push(append('b', lane), append('c'));
    await turn();
    ends[0]!(() => unavailable);
    await turn();
    ends[1]!((name) => (name === 'b' ? { ok: false, refusal: { code: 'predecessor_refused', message: 'staged' } } : done));
    expect((await Promise.all(outcomes)).map(refusedWith)).toEqual(['unavailable', 'predecessor_refused', undefined]);
    expect(said).toEqual(['begin a', 'commit a', 'ahead bc', 'commit bc']);
    // The earliest one blocks.
    expect([lane.admit('b'), lane.admit('a')]).toEqual([false, true]);
  });

  it('[FLW2,FLW3] counts what was begun ahead as waiting, and no longer when it is done', async () => {
    const { ends, queue, append } = ahead({ ahead_min: 1, ahead_max: 8 }, { batch_chars_max: 100, waiting_max: 3, overloaded_retry_ms: 1 });
    void append('a');
    await turn();
    const rest = [append('b'), append('c')];
    await turn();
    expect(queue.full).toBe(false);
    rest.push(append('d'));
    expect(queue.full).toBe(true);
    expect(refusedWith(await append('e'))).toBe('overloaded');
    for (let at = 0; at < 4 && ends[at]; at += 1) {
      ends[at]!();
      await turn();
    }
    expect((await Promise.all(rest)).map(refusedWith)).toEqual([undefined, undefined, undefined]);
    expect(queue.full).toBe(false);
  });

  it('[CLU4] commits what was begun ahead when it is stopped', async () => {
    const { said, ends, queue, append } = ahead({ ahead_min: 1, ahead_max: 8 });
    void append('a');
    await turn();
    const second = append('b');
    await turn();
    const stopping = queue.stop();
    ends[0]!();
    await turn();
    ends[1]!();
    expect(await second).toEqual(done);
    await stopping;
    expect(said).toEqual(['begin a', 'commit a', 'ahead b', 'commit b']);
  });
});
