import type { ClientHistory, ClientLine } from './clients.js';
import type { FactEntry, RangeEntry, Recorded } from './entries.js';

/**
 * How a fact follows the one seen before it: `forward`; `back`, below it but new; `repeat`, seen before;
 * `again`, the one repeat that ORD2 allows, right after the client's own process died.
 */
export type StepKind = 'forward' | 'back' | 'repeat' | 'again';

/** A fact that an observer saw. */
export interface Step {
  readonly fact: Recorded<FactEntry>;
  readonly kind: StepKind;
}

/** What one observer of one client saw of one stream, over all restarts of the client. */
export interface Walk {
  readonly client: ClientHistory;
  readonly observer: string;
  readonly stream: string;
  /** False when the client recorded no `observe` before the first fact. */
  readonly began: boolean;
  readonly afterSeq: number;
  readonly steps: readonly Step[];
  readonly ranges: readonly Recorded<RangeEntry>[];
  /** The highest seq that the observer has passed: seen, told that it does not get, or gone on after. */
  readonly reached: number;
  /** Up to where the observer says that it drained its stream, at the end of the run. */
  readonly endSeq: number | undefined;
}

interface OpenWalk {
  readonly walk: { -readonly [K in keyof Walk]: Walk[K] } & { steps: Step[]; ranges: Recorded<RangeEntry>[] };
  readonly seen: Set<number>;
  /** The seq of the last fact that was no repeat. */
  last: number | undefined;
  /** ORD2: the one fact that may be seen again, further on: the cursor stood before a range that came right before it. */
  again: number | undefined;
  /** Where the ranges end that this process of the client has declared: what lies before comes before them. */
  declared: number;
  /** The client has died since this observer last saw a fact. */
  restarted: boolean;
}

/** The walks of a client. */
export function walksOf(client: ClientHistory): Walk[] {
  const open = new Map<string, OpenWalk>();
  for (const line of client.lines) {
    if (line.k === 'restart') {
      // Its cursor may stand before a range, and what was left out then may be shown now.
      for (const entry of open.values()) Object.assign(entry, { restarted: true, declared: 0 });
    }
    if (!isOfObserver(line)) continue;
    const key = `${line.observer}\n${line.stream}`;
    let entry = open.get(key);
    if (entry === undefined) {
      entry = openWalk(client, line);
      open.set(key, entry);
    }
    take(entry, line);
  }
  return [...open.values()].map((entry) => entry.walk);
}

/** `client/observer`, as texts name a walk. */
export function walkName(walk: Walk): string {
  return `${walk.client.client}/${walk.observer}`;
}

type ObserverLine = Extract<ClientLine, { observer: string }>;

function isOfObserver(line: ClientLine): line is ObserverLine {
  return line.k === 'observe' || line.k === 'fact' || line.k === 'range' || line.k === 'end';
}

function openWalk(client: ClientHistory, line: ObserverLine): OpenWalk {
  const afterSeq = startOf(line);
  return {
    walk: {
      client, observer: line.observer, stream: line.stream, began: line.k === 'observe',
      afterSeq, steps: [], ranges: [], reached: afterSeq, endSeq: undefined,
    },
    seen: new Set(), last: undefined, again: undefined, declared: 0, restarted: false,
  };
}

function startOf(line: ObserverLine): number {
  if (line.k === 'observe') return line.after_seq;
  return (line.k === 'range' ? line.from_seq : line.seq) - 1;
}

function take(entry: OpenWalk, line: ObserverLine): void {
  const { walk } = entry;
  if (line.k === 'end') {
    walk.endSeq = line.seq;
    return;
  }
  if (line.k === 'observe') resume(entry, line.after_seq);
  if (line.k === 'fact') walk.steps.push({ fact: line, kind: stepKind(entry, line.seq) });
  if (line.k === 'range') {
    walk.ranges.push(line);
    entry.declared = Math.max(entry.declared, line.to_seq);
  }
  const passed = line.k === 'fact' ? line.seq : line.k === 'range' ? line.to_seq : line.after_seq;
  walk.reached = Math.max(walk.reached, passed);
}

/** Where the cursor stands when the client is back. */
function resume(entry: OpenWalk, afterSeq: number): void {
  const { last, walk: { ranges } } = entry;
  if (!entry.restarted || last === undefined) return;
  // A cursor that has moved past the last fact did not die between the two, so ORD2 allows no repeat.
  if (afterSeq >= last) entry.restarted = false;
  // What lay between was declared, not seen, and may be shown now: it comes before the fact that is seen again.
  else if (afterSeq < last - 1 && ranges.some((range) => range.from_seq <= afterSeq + 1 && range.to_seq === last - 1) && !seenBetween(entry, afterSeq, last)) {
    Object.assign(entry, { restarted: false, again: last, last: afterSeq });
  }
}

function seenBetween({ seen }: OpenWalk, afterSeq: number, beforeSeq: number): boolean {
  for (let seq = afterSeq + 1; seq < beforeSeq; seq += 1) if (seen.has(seq)) return true;
  return false;
}

function stepKind(entry: OpenWalk, seq: number): StepKind {
  const { restarted, again } = entry;
  entry.restarted = false;
  if (again !== undefined && seq >= again) {
    entry.again = undefined;
    entry.last = again;
    if (seq === again) return 'again';
  }
  // A repeat does not move `last`: what follows it is still measured against the walk.
  if (entry.seen.has(seq)) return restarted && seq === entry.last ? 'again' : 'repeat';
  const back = seq <= Math.max(entry.last ?? entry.walk.afterSeq, entry.declared);
  entry.seen.add(seq);
  entry.last = seq;
  return back ? 'back' : 'forward';
}
