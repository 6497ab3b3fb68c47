import { nowUs, sleep, wallMs } from '../clock.js';
import type { Link } from '../drivers/driver.js';
import { percentile } from '../percentile.js';
import { eachMessage, stampedText } from '../subject.js';
import { CatchUp } from './catch-up.js';
import { comeBack } from './come-back.js';
import { Ledger } from './ledger.js';
import { pace } from './pace.js';
import { until } from './until.js';

/** One sender, many that follow it, and a server that is killed meanwhile, from outside of the load program. */
export interface AvalancheOrder {
  readonly kind: 'avalanche';
  /** Messages a second. */
  readonly per_s: number;
  /** Who is not back by then never will be. */
  readonly within_ms: number;
  /** How long the sender goes on when all are back. */
  readonly after_ms: number;
}

export interface AvalancheResult {
  readonly elapsed_ms: number;
  readonly messages: number;
  /** Half of the clients, and 99 of 100, had caught up at that moment, by `wallMs`. */
  readonly recovered_p50_at_ms: number;
  readonly recovered_p99_at_ms: number;
  /** Clients that have not caught up in time. */
  readonly never_back: number;
  /** Acked messages that some client did not get. */
  readonly lost: number;
  readonly repeated: number;
  readonly disordered: number;
}

/** What has not come by then is lost. */
const SETTLE_MS = 5_000;

export async function runAvalanche(links: readonly Link[], { per_s, within_ms, after_ms }: AvalancheOrder, begins: () => void): Promise<AvalancheResult> {
  const [sender, ...clients] = links;
  const ledger = new Ledger(clients.length, Math.ceil(((within_ms + after_ms + SETTLE_MS) / 1_000) * per_s));
  const recoveredMs = new Map<number, number>();
  const catchUp = new CatchUp(ledger, (client) => {
    if (!recoveredMs.has(client)) recoveredMs.set(client, wallMs());
  });
  const outbox = createOutbox(sender!, within_ms);
  for (const [client, link] of clients.entries()) {
    link.greeted = () => catchUp.greeted(client, outbox.acked);
    link.delivered = (bytes) => eachMessage(bytes, (number) => {
      ledger.note(client, number);
      catchUp.came(client, number);
    });
    link.lost = () => {
      catchUp.away(client);
      void comeBack(link, within_ms);
    };
  }

  const startedMs = performance.now();
  begins();
  const stop = pace(per_s, () => outbox.add());
  await until(() => recoveredMs.size === clients.length, within_ms);
  await sleep(after_ms);
  stop();
  if (!await until(() => outbox.acked === outbox.sent, SETTLE_MS)) throw new Error(`only ${outbox.acked} of ${outbox.sent} messages were acked`);
  await until(() => ledger.seen === outbox.sent * clients.length, SETTLE_MS);
  const moments = [...recoveredMs.values()];
  return {
    elapsed_ms: performance.now() - startedMs, messages: outbox.sent, recovered_p50_at_ms: percentile(moments, 0.5), recovered_p99_at_ms: percentile(moments, 0.99),
    never_back: clients.length - recoveredMs.size, lost: ledger.missed(outbox.sent), repeated: ledger.repeated, disordered: ledger.disordered,
  };
}

/** As the SDK's: what is not acked is sent again behind a reconnect, in order and as the same messages. */
function createOutbox(sender: Link, withinMs: number): { readonly sent: number; readonly acked: number; add(): void } {
  const unacked = new Map<number, string>();
  let [sent, acked] = [0, 0];
  sender.acked = (number) => {
    acked = Math.max(acked, number);
    unacked.delete(number);
  };
  let up = true;
  sender.greeted = () => {
    up = true;
    for (const [number, text] of unacked) sender.send(number, 0, text);
  };
  sender.lost = () => {
    up = false;
    void comeBack(sender, withinMs);
  };
  return {
    get sent() { return sent; },
    get acked() { return acked; },
    add() {
      sent += 1;
      const text = stampedText(nowUs(), sent);
      unacked.set(sent, text);
      if (up) sender.send(sent, 0, text);
    },
  };
}
