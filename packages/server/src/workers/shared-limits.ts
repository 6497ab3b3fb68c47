/**
 * Limits that hold for all nodes together. Each node decides by itself and at once, and tells the others what it gave out; they
 * take it from their own buckets, which so may go below zero. What nodes give out before they have heard of each other is the
 * error: in any time, of nodes that hear each other within `d`, at most (nodes - 1) * (burst + rate * (INTERVAL_MS + d)) above
 * the limit, once and not for each second. A message that is lost costs as much as stood in it (CLU2).
 */
import type { Bus, BusMessage } from '../bus/port.js';
import type { TokenBuckets } from '../domain/limits/token-bucket.js';
import type { Cancel, Clock } from '../runtime/clock.js';

export type LimitScope = 'user' | 'conversation' | 'app' | 'address';
export type SharedBuckets = Readonly<Record<LimitScope, TokenBuckets>>;

export const INTERVAL_MS = 250;
/** Names in one message; what is more waits for the next. */
export const NAMES_MAX = 2_000;
/** Nodes whose messages are counted; whoever has spoken least lately is forgotten. */
const SENDERS_MAX = 256;
/** What a message may be late by without the debt being cut. */
const LATE_S = 1;
const SCOPES: readonly LimitScope[] = ['app', 'user', 'conversation', 'address'];

/**
 * @param node this node's id
 * @param others how many other nodes there are
 * @returns how to stop
 */
export function shareLimits(bus: Bus, clock: Clock, node: string, buckets: SharedBuckets, others: () => number): Cancel {
  // Alone, there is nobody to tell.
  if (bus.lossless) return () => undefined;
  for (const scope of SCOPES) buckets[scope].share();
  /** The last message of each other node: one that comes again, or behind a later one, is left out. */
  const heard = new Map<string, number>();
  let number = 0;

  function tell(): void {
    let room = NAMES_MAX;
    const taken = SCOPES.map((scope) => {
      const names = buckets[scope].collect(room);
      room -= names.length;
      return { scope, names };
    }).filter(({ names }) => names.length > 0);
    if (taken.length > 0) bus.publish({ kind: 'taken', node, number: ++number, taken });
  }

  function hear(message: Extract<BusMessage, { kind: 'taken' }>): void {
    if (message.node === node || message.number <= (heard.get(message.node) ?? 0)) return;
    heard.delete(message.node);
    heard.set(message.node, message.number);
    if (heard.size > SENDERS_MAX) heard.delete(heard.keys().next().value!);
    const givers = Math.max(1, others());
    for (const { scope, names } of message.taken) {
      const { rate: { burst, per_s } } = buckets[scope];
      // Nobody owes more than the others can have given out before they heard: a bucket is never in debt for good.
      for (const one of names) buckets[scope].debit(one, givers * (burst + per_s * LATE_S));
    }
  }

  const ends = [
    bus.listen((message) => {
      if (message.kind === 'taken') hear(message);
    }),
    clock.every(INTERVAL_MS, tell),
  ];
  return () => {
    for (const end of ends.splice(0)) end();
  };
}
