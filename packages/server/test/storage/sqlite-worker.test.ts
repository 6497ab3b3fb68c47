/** What the writing thread does with batches that lie there already, in a port that the test fills. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { BatchOutcome, BatchEntry } from '../../src/storage/group-commit.js';
import type { Rules } from '../../src/storage/port.js';
import { batchText, outcomesText } from '../../src/storage/sqlite/batch-text.js';
import type { BatchRequest, Request, Response } from '../../src/storage/sqlite/messages.js';
import { runWorker } from '../../src/storage/sqlite/worker.js';

const done: BatchOutcome = { ok: true, duplicate: false, facts: [], place: { stream: 'c', seq: 1, timeMs: 1, type: 'message.created', targetSeq: null } };
const refusal = (code: 'unavailable' | 'forbidden'): BatchOutcome => ({ ok: false, refusal: { code, message: 'staged' } });

let data: string;
beforeEach(() => {
  data = mkdtempSync(join(tmpdir(), 'talaria-worker-'));
});
afterEach(() => rmSync(data, { recursive: true, force: true }));

type Decided = { readonly text: string; readonly lane: number };

/** A writer whose rules say what the text of a command tells them. */
function scene() {
  const decided: string[] = [];
  const answers: Response[] = [];
  const waiting: Request[] = [];
  let listener: (request: Request) => void = () => undefined;
  const rules = {
    decide(_work: unknown, { payload }: { payload: string }) {
      decided.push(payload);
      return payload.startsWith('unavailable') ? refusal('unavailable') : payload.startsWith('forbidden') ? refusal('forbidden') : done;
    },
  } as unknown as Rules;
  runWorker({
    answer: (response) => answers.push(response), next: () => waiting.shift(), close: () => undefined,
    onRequest(one) {
      listener = one;
    },
  }, { path: join(data, 'x.db'), migrations: fileURLToPath(new URL('../../sql/sqlite', import.meta.url)), durability: 'relaxed', role: 'writer' }, rules);
  listener({ id: 0, kind: 'open' });
  expect(answers.splice(0)).toEqual([{ id: 0, kind: 'opened' }]);
  const batches = new Map<number, readonly BatchEntry[]>();
  const batch = (number: number, behind: number | undefined, ...commands: readonly Decided[]): BatchRequest => {
    const entries = commands.map(({ text, lane }): BatchEntry => ({
      kind: 'command', lane, command: { kind: 'message.send', app: 'a', actor: 'u', user: 'u', clientId: text, requestHash: '', traceId: null, conversation: 'c', payload: text, silent: false, more: null },
    }));
    batches.set(number, entries);
    return { kind: 'batch', number, behind, batch: batchText.write(entries) };
  };
  /** Gives it requests that wait together. @returns what ran, with its outcomes, and what did not */
  const give = (first: Request, ...others: readonly Request[]) => {
    waiting.push(first, ...others);
    for (let next = waiting.shift(); next; next = waiting.shift()) listener(next);
    return answers.splice(0).map((answer) => {
      if (answer.kind !== 'batches') return answer.kind;
      const entries = answer.ran.flatMap((number) => batches.get(number)!);
      return { ran: answer.ran, left: answer.left, refused: outcomesText.read(entries, answer.outcomes).map((outcome) => (outcome.ok ? '' : outcome.refusal.code)) };
    });
  };
  return { decided, batch, give, close: () => listener({ id: 99, kind: 'close' }) };
}

const text = (name: string, lane = 0): Decided => ({ text: name, lane });

it('[SND1] puts batches together that wait together, and answers them at once', () => {
  const { decided, batch, give, close } = scene();
  const answers = give(batch(1, undefined, text('a')), batch(2, 1, text('b'), text('c', 1)), batch(3, 2, text('d')));
  expect(answers).toEqual([{ ran: [1, 2, 3], left: [], refused: ['', '', '', ''] }]);
  expect(decided).toEqual(['a', 'b', 'c', 'd']);
  expect(give(batch(4, 3, text('e')))).toEqual([{ ran: [4], left: [], refused: [''] }]);
  close();
});

it('[SND4] does not run what was begun behind a batch in which something was refused retryably', () => {
  const { decided, batch, give, close } = scene();
  expect(give(batch(1, undefined, text('unavailable')))).toEqual([{ ran: [1], left: [], refused: ['unavailable'] }]);
  expect(give(batch(2, 1, text('b')), batch(3, 2, text('c')))).toEqual([{ ran: [], left: [2, 3], refused: [] }]);
  // What comes anew runs, also beside what does not.
  expect(give(batch(4, 3, text('d')), batch(5, undefined, text('e')), batch(6, 5, text('f')))).toEqual([{ ran: [5, 6], left: [4], refused: ['', ''] }]);
  expect(decided).toEqual(['unavailable', 'e', 'f']);
  close();
});

it('[SND4] blocks a lane in all batches that run together', () => {
  const { batch, give, close } = scene();
  const answers = give(batch(1, undefined, text('a', 7), text('unavailable', 8)), batch(2, 1, text('b', 8), text('c', 7)), batch(3, 2, text('d', 8)));
  expect(answers).toEqual([{ ran: [1, 2, 3], left: [], refused: ['', 'unavailable', 'predecessor_refused', '', 'predecessor_refused'] }]);
  expect(give(batch(4, 3, text('e', 7)))).toEqual([{ ran: [], left: [4], refused: [] }]);
  close();
});

it('[SND6] runs what was begun behind a final refusal', () => {
  const { batch, give, close } = scene();
  expect(give(batch(1, undefined, text('forbidden')))).toEqual([{ ran: [1], left: [], refused: ['forbidden'] }]);
  expect(give(batch(2, 1, text('b')))).toEqual([{ ran: [2], left: [], refused: [''] }]);
  close();
});

it('[SND4] a fresh thread runs nothing that was begun behind a batch of another', () => {
  const { batch, give, close } = scene();
  expect(give(batch(8, 7, text('a')))).toEqual([{ ran: [], left: [8], refused: [] }]);
  close();
});

it('[CLU4] answers what lies between batches in its turn', () => {
  const { decided, batch, give, close } = scene();
  const answers = give(batch(1, undefined, text('a')), { id: 50, kind: 'call', method: 'nothing', args: [] }, batch(2, 1, text('b')));
  expect(answers).toEqual([{ ran: [1], left: [], refused: [''] }, 'refused', { ran: [2], left: [], refused: [''] }]);
  expect(decided).toEqual(['a', 'b']);
  close();
});
