import { nowUs, sleep } from '../clock.js';
import type { Link } from '../drivers/driver.js';
import { percentile } from '../percentile.js';
import { eachMessage, stampedText } from '../subject.js';
import { CatchUp } from './catch-up.js';
import { comeBack } from './come-back.js';
import { Ledger } from './ledger.js';
import { pace } from './pace.js';
import { until } from './until.js';

/** One sender with a good network; all others lose theirs again and again. */
export interface JitterOrder {
  readonly kind: 'jitter';
  /** Messages a second. */
  readonly per_s: number;
  /** How long a client stays connected on average: from half of it to one and a half. */
  readonly up_ms: number;
  readonly off_ms: number;
  readonly run_ms: number;
}

export interface JitterResult {
  readonly elapsed_ms: number;
  readonly messages: number;
  readonly cuts: number;
  /** Messages seen, once each, by all clients together. */
  readonly seen: number;
  readonly repeated: number;
  readonly disordered: number;
  /** From the greeting until what was missed was there. */
  readonly replay_p50_ms: number;
  readonly replay_p99_ms: number;
  /** The same, from the first packet of the new connection on. */
  readonly resume_p50_ms: number;
  readonly resume_p99_ms: number;
}

/** A server that recovers by the last message can do so only behind the first. */
const FIRST_CUT_MS = 1_500;
/** A server that is slow may refuse a client a few times, but not for so long. */
const WITHIN_MS = 60_000;
/** What has not come by then is lost. */
const SETTLE_MS = 5_000;

export async function runJitter(links: readonly Link[], { per_s, up_ms, off_ms, run_ms }: JitterOrder, begins: () => void): Promise<JitterResult> {
  const [sender, ...clients] = links;
  const replays_ms: number[] = [];
  const resumes_ms: number[] = [];
  const dialledMs = new Float64Array(clients.length);
  const ledger = new Ledger(clients.length, Math.ceil((run_ms / 1_000 + 1) * per_s));
  const catchUp = new CatchUp(ledger, (client, missed, tookMs) => {
    if (missed === 0) return;
    replays_ms.push(tookMs);
    resumes_ms.push(performance.now() - dialledMs[client]!);
  });
  let [sent, acked, cuts] = [0, 0, 0];
  sender!.acked = (number) => {
    acked = Math.max(acked, number);
  };
  for (const [client, link] of clients.entries()) {
    link.greeted = () => catchUp.greeted(client, acked);
    link.delivered = (bytes) => eachMessage(bytes, (number) => {
      ledger.note(client, number);
      catchUp.came(client, number);
    });
    link.lost = () => {
      throw new Error('the server has ended a connection');
    };
  }

  const startedMs = performance.now();
  /** Cuts a client again and again, the last time before the end; it is back then. */
  async function comeAndGo(link: Link, client: number): Promise<void> {
    let upMs = FIRST_CUT_MS + Math.random() * up_ms;
    while (performance.now() + upMs < startedMs + run_ms) {
      await sleep(upMs);
      link.cut();
      catchUp.away(client);
      cuts += 1;
      await sleep(off_ms);
      dialledMs[client] = performance.now();
      const back = await link.connect().then(() => true, () => comeBack(link, WITHIN_MS));
      if (!back) throw new Error('a client could not come back');
      upMs = up_ms * (0.5 + Math.random());
    }
  }

  begins();
  const stop = pace(per_s, () => {
    sent += 1;
    sender!.send(sent, 0, stampedText(nowUs(), sent));
  });
  const over = sleep(run_ms);
  const back = Promise.all(clients.map(comeAndGo));
  // A client that cannot come back ends it at once.
  await Promise.race([over, back.then(() => over)]);
  stop();
  await back;
  if (!await until(() => acked === sent, SETTLE_MS)) throw new Error(`only ${acked} of ${sent} messages were acked`);
  await until(() => ledger.seen === sent * clients.length, SETTLE_MS);
  return {
    elapsed_ms: performance.now() - startedMs, messages: sent, cuts, seen: ledger.seen, repeated: ledger.repeated, disordered: ledger.disordered,
    replay_p50_ms: percentile(replays_ms, 0.5), replay_p99_ms: percentile(replays_ms, 0.99),
    resume_p50_ms: percentile(resumes_ms, 0.5), resume_p99_ms: percentile(resumes_ms, 0.99),
  };
}
