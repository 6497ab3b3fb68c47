import { expect, it } from 'vitest';
import { Ring, RingEntry } from '../../src/gateway/ring.js';
import type { EventRow } from '../../src/storage/rows.js';

const fact = (seq: number, chars = 2): RingEntry => new RingEntry({
  app: 'a', stream: 's', seq, position: seq, eventId: String(seq), type: 'message.created', version: 1, actor: null, timeMs: 0, targetSeq: null, clientId: null,
  traceId: null, redacted: false, ordinal: seq, senderOrdinal: seq, payload: JSON.stringify('x'.repeat(chars - 2)),
} satisfies EventRow, null);
const seqs = (ring: Ring): number[] => ring.rows().map((row) => row.seq);

it('keeps as much as its bounds allow, also behind texts that were taken out of it (VIS4)', () => {
  const ring = new Ring({ facts_max: 4, bytes_max: 4 * (256 + 1_000) });
  for (let seq = 1; seq <= 200; seq += 1) {
    ring.push(fact(seq, 1_000));
    ring.redact(seq);
  }
  expect(seqs(ring)).toEqual([197, 198, 199, 200]);
});

it('takes the latest of the past, up to its bounds', () => {
  const byCount = new Ring({ facts_max: 4, bytes_max: 1e6 });
  byCount.push(fact(10));
  byCount.reachBack([fact(5), fact(6), fact(7), fact(8), fact(9)]);
  expect(seqs(byCount)).toEqual([7, 8, 9, 10]);
  expect(byCount.startSeq).toBe(6);
  byCount.push(fact(11));
  expect(seqs(byCount)).toEqual([8, 9, 10, 11]);

  const byBytes = new Ring({ facts_max: 100, bytes_max: 2 * (256 + 1_000) });
  byBytes.reachBack([fact(1, 1_000), fact(2, 1_000), fact(3, 1_000)]);
  expect(seqs(byBytes)).toEqual([2, 3]);
});
