import type { History } from '../history.js';
import { overlap, seqs, uncovered, type Interval } from '../intervals.js';
import type { RangeEntry } from '../entries.js';
import { isForeign, piecesFor, type StreamLog } from '../streams.js';
import type { Effect, Violation } from '../violation.js';
import { walkName, type Walk } from '../walks.js';

/**
 * H3: what each observer saw is a gap-free, repeat-free walk of the log from its cursor, minus declared ranges
 * (ORD1), which must be true (VIS1), and but for the one fact of ORD2. The log itself has no gap above its floor.
 * A fact that comes late is no gap: it breaks the order, which is H4's.
 */
export function h3(history: History): Violation[] {
  const violations = [...history.streams.values()].flatMap(logGaps);
  for (const walk of history.walks) {
    const log = history.streams.get(walk.stream);
    // A stream of another app is H8's, and of a stream that the log lacks H4 says so.
    if (log === undefined || isForeign(log, walk.client.app)) continue;
    violations.push(...beginnings(walk), ...repeats(walk), ...falseRanges(walk, log), ...gaps(walk, log), ...tail(walk, log));
  }
  return violations;
}

function logGaps(log: StreamLog): Violation[] {
  // Retention may take only a part of what lies below the floor; above it, all must be there.
  const within = { from: Math.min(log.floorSeq, log.head + 1), to: log.head };
  return uncovered(within, log.rows.map(({ seq }) => ({ from: seq, to: seq }))).map((gap) => ({
    rule: 'H3', text: `the log of ${log.stream} has no seq ${seqs(gap)}`, stream: log.stream, seq: gap.from,
  }));
}

function beginnings(walk: Walk): Violation[] {
  return walk.began ? [] : [violation(walk, walk.afterSeq + 1, `recorded seq ${walk.afterSeq + 1} without a line that says where it began`)];
}

function repeats(walk: Walk): Violation[] {
  return walk.steps
    .filter((step) => step.kind === 'repeat')
    .map(({ fact }) => violation(walk, fact.seq, `saw seq ${fact.seq} again`, 'repeated'));
}

function falseRanges(walk: Walk, log: StreamLog): Violation[] {
  const inside = piecesFor(log, walk.client.user).filter((piece) => piece.sight === 'in');
  return walk.ranges.flatMap((range) => {
    if (range.cause === 'retention' && range.to_seq >= log.floorSeq) {
      const kept = { from: Math.max(range.from_seq, log.floorSeq), to: range.to_seq };
      return [withheld(walk, range, kept, `the floor is ${log.floorSeq}`)];
    }
    if (range.cause !== 'membership') return [];
    return inside
      .map((piece) => overlap({ from: range.from_seq, to: Math.min(range.to_seq, log.head) }, piece))
      .filter((part) => part !== undefined)
      .map((part) => withheld(walk, range, part, `${walk.client.user || 'a backend'} may see seq ${seqs(part)}`));
  });
}

function withheld(walk: Walk, range: RangeEntry, part: Interval, why: string): Violation {
  const text = `was told that it does not get seq ${seqs({ from: range.from_seq, to: range.to_seq })} for ${range.cause}, but ${why}`;
  return violation(walk, part.from, text, 'lost', part);
}

/** Up to where the observer has come, every seq was seen or declared, whoever may see it. */
function gaps(walk: Walk, log: StreamLog): Violation[] {
  // Nothing is beyond the head: a fact there is H4's.
  return uncovered({ from: walk.afterSeq + 1, to: Math.min(walk.reached, log.head) }, passed(walk))
    .map((gap) => violation(walk, gap.from, `did not see seq ${seqs(gap)}, and nothing declares why`, 'lost', gap));
}

/** From there to the end that it states, every seq that the user may see; nobody declares what follows a removal. */
function tail(walk: Walk, log: StreamLog): Violation[] {
  const end = walk.endSeq;
  if (end === undefined) return [];
  if (end > log.head) return [violation(walk, end, `drained up to seq ${end}, but the log ends at ${log.head}`)];
  const rest = { from: Math.max(walk.reached + 1, log.floorSeq), to: end };
  return piecesFor(log, walk.client.user)
    .filter((piece) => piece.sight === 'in')
    .map((piece) => overlap(rest, piece))
    .filter((part) => part !== undefined)
    .map((part) => violation(walk, part.from, `drained up to seq ${end} but did not see seq ${seqs(part)}`, 'lost', part));
}

function passed(walk: Walk): Interval[] {
  const seen = walk.steps.map(({ fact }) => ({ from: fact.seq, to: fact.seq }));
  return [...seen, ...walk.ranges.map((range) => ({ from: range.from_seq, to: range.to_seq }))];
}

function violation(walk: Walk, seq: number, what: string, effect?: Effect, facts?: Interval): Violation {
  return {
    rule: 'H3', text: `${walkName(walk)} in ${walk.stream} ${what}`, client: walk.client.client, stream: walk.stream, seq,
    ...(effect === undefined ? {} : { effect }),
    ...(facts === undefined ? {} : { facts: facts.to - facts.from + 1 }),
  };
}
