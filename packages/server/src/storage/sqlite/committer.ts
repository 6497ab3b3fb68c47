/** Batches on their way to the writing thread: those behind the one that runs lie there already when it is done. */
import type { BatchEntry, BatchOutcome, BegunBatch, Committer } from '../group-commit.js';
import type { KeptThread } from './kept-thread.js';
import type { BatchResult } from './thread.js';

/** Fewer are better off behind what runs, with one fsync. */
const AHEAD_MIN = 48;
/** Those that wait at the writer when it comes to them go in one transaction. */
const AHEAD_MAX = 16;

const REFUSED: BatchOutcome = { ok: false, refusal: { code: 'unavailable', message: 'The database cannot write at the moment.', retryAfterMs: 500 } };

/** @param changed told whether the disk takes writes */
export function createCommitter(writer: KeptThread, changed: (healthy: boolean) => void): Committer {
  let last = 0;

  /** A batch of which it is not known what became of it runs again on a fresh thread: what was committed answers as a duplicate (ISO4). */
  async function again(batch: readonly BatchEntry[], number: number): Promise<readonly BatchOutcome[]> {
    try {
      return await taken((await writer.live()).batch(batch, { number, behind: undefined })) ?? batch.map(() => REFUSED);
    } catch {
      changed(false);
      return batch.map(() => REFUSED);
    }
  }

  async function taken(result: Promise<BatchResult>): Promise<readonly BatchOutcome[] | undefined> {
    const { outcomes, healthy } = await result;
    changed(healthy);
    return outcomes;
  }

  return {
    ahead_min: AHEAD_MIN, ahead_max: AHEAD_MAX,
    begin(batch, ahead): BegunBatch {
      const behind = ahead ? last : undefined;
      const number = last += 1;
      const result = writer.current.batch(batch, { number, behind });
      // Looked at when its turn has come.
      result.catch(() => undefined);
      const outcomes = async (): Promise<readonly BatchOutcome[] | undefined> => {
        try {
          return await taken(result);
        } catch {
          changed(false);
          return behind === undefined ? again(batch, number) : undefined;
        }
      };
      return { commit: () => ({ asked: Promise.resolve(), outcomes: outcomes() }), forget: () => undefined };
    },
  };
}
