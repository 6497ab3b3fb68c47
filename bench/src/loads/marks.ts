import type { Link } from '../drivers/driver.js';
import { Meter, type LoadResult, type MeterTimes } from '../meter.js';
import { until } from './until.js';

/** Read marks of many members move through the first room, one message at a time. The clients behind the members follow it. */
export interface MarksOrder extends MeterTimes {
  readonly kind: 'marks';
  /** How many of the first clients move their marks, each in its turn. */
  readonly members: number;
  /** Marks that the first follower has not been told of yet; fewer than members, so that no mark overtakes one of its own. */
  readonly in_flight: number;
  /** Behind this one the marks begin. */
  readonly from_seq: number;
  /** How far a mark can move. */
  readonly messages: number;
  /** How long the last marks are waited for; what was not told by then is lost. */
  readonly settle_ms: number;
}

/** A mark is done when the first follower has been told. */
export interface MarksResult extends LoadResult {
  readonly sent: number;
  /** Frames of the first follower. */
  readonly told: number;
  /** What they were, in bytes, without the head of a WebSocket frame. */
  readonly told_bytes: number;
  /** Frames of whichever follower got the fewest. */
  readonly told_least: number;
}

export async function runMarks(links: readonly Link[], order: MarksOrder, begins: () => void): Promise<MarksResult> {
  const movers = links.slice(0, order.members);
  const followers = links.slice(order.members);
  const meter = new Meter();
  const told = followers.map(() => 0);
  let [sent, bytes] = [0, 0];
  const next = (): void => {
    if (!meter.running) return;
    const { mark } = movers[sent % movers.length]!;
    if (!mark) throw new Error('this client moves no marks');
    const moves = Math.floor(sent / movers.length) + 1;
    if (moves > order.messages) throw new Error(`all marks are at the end of ${order.messages} messages`);
    sent += 1;
    mark(0, order.from_seq + moves);
  };
  for (const [at, follower] of followers.entries()) {
    follower.marked = (length) => {
      told[at]! += 1;
      if (at > 0) return;
      bytes += length;
      meter.add(1);
      next();
    };
  }
  for (let at = 0; at < order.in_flight; at += 1) next();
  const result = await meter.run(order, begins);
  await until(() => told.every((count) => count === sent), order.settle_ms);
  return { ...result, sent, told: told[0] ?? 0, told_bytes: bytes, told_least: Math.min(...told) };
}
