/** The load program: a process that connects clients of any subject and measures from their side. */
import { rawUwsDriver } from './drivers/raw-uws.js';
import { socketioDriver } from './drivers/socketio.js';
import { talariaDriver } from './drivers/talaria.js';
import type { Driver, Link } from './drivers/driver.js';
import { percentile } from './percentile.js';
import { stampedText, stampOf, type SubjectName, type Target } from './subject.js';

export type LoadOrder =
  | { readonly kind: 'connect'; readonly target: Target; readonly from: number; readonly to: number }
  /** Keeps that many sends unanswered, spread over the senders. */
  | { readonly kind: 'send'; readonly senders: number; readonly in_flight: number; readonly warm_ms: number; readonly run_ms: number }
  /** One sender; the next message goes when `in_flight` are not with everybody yet. */
  | { readonly kind: 'fanout'; readonly followers: number; readonly in_flight: number; readonly warm_ms: number; readonly run_ms: number }
  | { readonly kind: 'close' };

export interface LoadResult {
  readonly done: number;
  readonly elapsed_ms: number;
  readonly p50_ms: number;
  readonly p99_ms: number;
}

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

/** Runs for the warm-up, then for the time that counts, and says both. */
function timed(warm_ms: number, run_ms: number, result: (elapsed_ms: number) => LoadResult, begins: () => void, stop: () => void): void {
  setTimeout(() => {
    begins();
    tell({ kind: 'begins' });
    const startedMs = performance.now();
    setTimeout(() => {
      stop();
      tell({ kind: 'ended', result: result(performance.now() - startedMs) });
    }, run_ms);
  }, warm_ms);
}

function send({ senders, in_flight: inFlight, warm_ms: warm, run_ms: run }: Extract<LoadOrder, { kind: 'send' }>): void {
  let [acked, running, counting, id] = [0, true, false, 0];
  const latencies: number[] = [];
  const started = new Map<number, number>();
  const sending = links.slice(0, senders);
  const next = (link: Link): void => {
    if (!running) return;
    id += 1;
    started.set(id, nowUs());
    link.send(id, 0, stampedText(nowUs()));
  };
  for (const link of sending) {
    link.acked = (one) => {
      const atUs = started.get(one);
      started.delete(one);
      if (atUs === undefined) return;
      if (counting) {
        acked += 1;
        latencies.push((nowUs() - atUs) / 1_000);
      }
      next(link);
    };
  }
  for (let at = 0; at < inFlight; at += 1) next(sending[at % sending.length]!);
  timed(warm, run, (elapsed_ms) => ({ done: acked, elapsed_ms, p50_ms: percentile(latencies, 0.5), p99_ms: percentile(latencies, 0.99) }), () => {
    counting = true;
  }, () => {
    running = false;
  });
}

function fanout({ followers, in_flight: inFlight, warm_ms: warm, run_ms: run }: Extract<LoadOrder, { kind: 'fanout' }>): void {
  let [delivered, counted, sent, id] = [0, 0, 0, 0];
  let [running, counting] = [true, false];
  const latencies: number[] = [];
  const [sender, ...following] = links;
  const fill = (): void => {
    if (!running) return;
    while (sent - Math.floor(delivered / followers) < inFlight) {
      sent += 1;
      sender!.send(id += 1, 0, stampedText(nowUs()));
    }
  };
  for (const [at, link] of following.entries()) {
    const sampled = at % SAMPLE_EVERY === 0;
    link.delivered = (bytes) => {
      // A server may put several messages into one frame.
      const messages = messagesIn(bytes);
      delivered += messages;
      if (counting) {
        counted += messages;
        const stamp = sampled ? stampOf(bytes) : undefined;
        if (stamp !== undefined) latencies.push((nowUs() - stamp) / 1_000);
      }
      fill();
    };
  }
  fill();
  timed(warm, run, (elapsed_ms) => ({ done: counted, elapsed_ms, p50_ms: percentile(latencies, 0.5), p99_ms: percentile(latencies, 0.99) }), () => {
    counting = true;
  }, () => {
    running = false;
  });
}

function messagesIn(bytes: Buffer): number {
  // All but Talaria send one; a short frame holds no second text.
  if (bytes.length < 600) return 1;
  let count = 0;
  for (let at = bytes.indexOf('@t'); at >= 0; at = bytes.indexOf('@t', at + 2)) count += 1;
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
