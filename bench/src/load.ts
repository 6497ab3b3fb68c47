/** The load program: a process that connects clients of any subject and measures from their side. */
import { rawUwsDriver } from './drivers/raw-uws.js';
import { socketioDriver } from './drivers/socketio.js';
import { talariaDriver } from './drivers/talaria.js';
import type { Driver, Link } from './drivers/driver.js';
import { Meter, type LoadResult } from './meter.js';
import { stampedText, stampOf, TEXT_BYTES, TIME_MARK, type SubjectName, type Target } from './subject.js';

export type LoadOrder =
  | { readonly kind: 'connect'; readonly target: Target; readonly from: number; readonly to: number }
  /** Keeps that many sends unanswered, spread over the senders. */
  | { readonly kind: 'send'; readonly senders: number; readonly in_flight: number; readonly warm_ms: number; readonly run_ms: number }
  /** One sender; the next message goes when `in_flight` are not with everybody yet. */
  | { readonly kind: 'fanout'; readonly followers: number; readonly in_flight: number; readonly warm_ms: number; readonly run_ms: number }
  | { readonly kind: 'close' };

export type LoadAnswer =
  | { readonly kind: 'connected' }
  /** Warm: from here on it counts. */
  | { readonly kind: 'begins' }
  | { readonly kind: 'ended'; readonly result: LoadResult }
  | { readonly kind: 'closed' };

const drivers: Readonly<Record<SubjectName, Driver>> = {
  talaria: talariaDriver, 'raw-uws': rawUwsDriver, socketio: socketioDriver, 'socketio-csr': socketioDriver, 'socketio-sqlite': socketioDriver,
};
/** Handshakes at once. */
const CONNECT_AT_ONCE = 100;
/** One follower in so many reads the times in what it gets. */
const SAMPLE_EVERY = 50;

const tell = (answer: LoadAnswer): void => void process.send?.(answer);
const nowUs = (): number => performance.now() * 1_000;
const links: Link[] = [];

async function connect(target: Target, from: number, to: number): Promise<void> {
  for (let at = from; at < to; at += CONNECT_AT_ONCE) {
    const some = Array.from({ length: Math.min(CONNECT_AT_ONCE, to - at) }, (_, offset) => drivers[target.subject].connect(target, at + offset));
    links.push(...await Promise.all(some));
  }
  tell({ kind: 'connected' });
}

function measure(meter: Meter, { warm_ms: warm, run_ms: run }: { readonly warm_ms: number; readonly run_ms: number }): void {
  meter.run(warm, run, () => tell({ kind: 'begins' }), (result) => tell({ kind: 'ended', result }));
}

function send(order: Extract<LoadOrder, { kind: 'send' }>): void {
  const meter = new Meter();
  const started = new Map<number, number>();
  const sending = links.slice(0, order.senders);
  let id = 0;
  const next = (link: Link): void => {
    if (!meter.running) return;
    id += 1;
    started.set(id, nowUs());
    link.send(id, 0, stampedText(nowUs()));
  };
  for (const link of sending) {
    link.acked = (one) => {
      const atUs = started.get(one);
      if (atUs === undefined) return;
      started.delete(one);
      meter.add(1, (nowUs() - atUs) / 1_000);
      next(link);
    };
  }
  for (let at = 0; at < order.in_flight; at += 1) next(sending[at % sending.length]!);
  measure(meter, order);
}

function fanout(order: Extract<LoadOrder, { kind: 'fanout' }>): void {
  const meter = new Meter();
  const [sender, ...following] = links;
  let [sent, delivered] = [0, 0];
  const fill = (): void => {
    if (!meter.running) return;
    while (sent - Math.floor(delivered / order.followers) < order.in_flight) {
      sent += 1;
      sender!.send(sent, 0, stampedText(nowUs()));
    }
  };
  for (const [at, link] of following.entries()) {
    const sampled = at % SAMPLE_EVERY === 0;
    link.delivered = (bytes) => {
      const messages = messagesIn(bytes);
      const stamp = sampled ? stampOf(bytes) : undefined;
      delivered += messages;
      meter.add(messages, stamp === undefined ? undefined : (nowUs() - stamp) / 1_000);
      fill();
    };
  }
  fill();
  measure(meter, order);
}

/** A server may put several messages into one frame. */
function messagesIn(bytes: Buffer): number {
  // A frame that is too short for two texts holds one.
  if (bytes.length < 2 * TEXT_BYTES) return 1;
  let count = 0;
  for (let at = bytes.indexOf(TIME_MARK); at >= 0; at = bytes.indexOf(TIME_MARK, at + TIME_MARK.length)) count += 1;
  return count;
}

process.on('message', (order: LoadOrder) => {
  switch (order.kind) {
    case 'connect':
      connect(order.target, order.from, order.to).catch((error: unknown) => {
        console.error(error);
        process.exit(1);
      });
      return;
    case 'send': send(order); return;
    case 'fanout': fanout(order); return;
    case 'close':
      for (const link of links) link.close();
      tell({ kind: 'closed' });
      process.disconnect();
  }
});
