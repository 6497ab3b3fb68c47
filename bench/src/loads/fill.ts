import { nowUs, sleep } from '../clock.js';
import type { Link } from '../drivers/driver.js';
import { nextId } from '../ids.js';
import type { LoadResult } from '../meter.js';
import { spokenText } from '../spoken-text.js';
import { stampedText } from '../subject.js';

/** Stores that many messages, each room in turn. Ends when all are acked. */
export interface FillOrder {
  readonly kind: 'fill';
  readonly messages: number;
  readonly rooms: number;
  readonly in_flight: number;
  /** Texts of words, so that there is something to find. */
  readonly spoken?: true;
}

/** Without any ack for so long, none will come. */
const STUCK_MS = 30_000;
const CHECK_MS = 20;

export async function runFill(links: readonly Link[], order: FillOrder, begins: () => void): Promise<LoadResult> {
  const waiting = new Set<number>();
  let [sent, acked, ackedMs] = [0, 0, performance.now()];
  const next = (link: Link): void => {
    if (sent === order.messages) return;
    const id = nextId();
    waiting.add(id);
    link.send(id, sent % order.rooms, order.spoken ? spokenText(sent) : stampedText(nowUs()));
    sent += 1;
  };
  for (const link of links) {
    link.acked = (id) => {
      if (!waiting.delete(id)) return;
      acked += 1;
      ackedMs = performance.now();
      next(link);
    };
  }
  begins();
  const startedMs = performance.now();
  for (let at = 0; at < order.in_flight; at += 1) next(links[at % links.length]!);
  while (acked < order.messages) {
    if (performance.now() - ackedMs > STUCK_MS) throw new Error(`${waiting.size} of ${order.messages} messages got no ack`);
    await sleep(CHECK_MS);
  }
  return { done: acked, elapsed_ms: performance.now() - startedMs, p50_ms: Number.NaN, p99_ms: Number.NaN };
}
