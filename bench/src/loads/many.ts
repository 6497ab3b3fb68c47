import { nowUs } from '../clock.js';
import type { Link } from '../drivers/driver.js';
import { Meter, type LoadResult, type MeterTimes } from '../meter.js';
import { eachMessage, stampedText } from '../subject.js';
import { pace } from './pace.js';
import { until } from './until.js';

/** Many small rooms, each of which gets its messages at its own even pace, whether or not the server keeps up. */
export interface ManyOrder extends MeterTimes {
  readonly kind: 'many';
  /** The client that sends, by room. */
  readonly senders: readonly number[];
  /** Who follows each room, the sender among them. */
  readonly members: number;
  /** Messages a second, over all rooms. */
  readonly per_s: number;
}

/** A server that does not keep up has a backlog by the end; what has not come by then is lost. */
const SETTLE_MS = 60_000;

/** A message is done when it is acked; its latencies are those of its deliveries. */
export async function runMany(links: readonly Link[], order: ManyOrder, begins: () => void): Promise<LoadResult> {
  const meter = new Meter();
  let [sent, acked, delivered] = [0, 0, 0];
  for (const link of links) {
    link.acked = () => {
      acked += 1;
      meter.add(1);
    };
    link.delivered = (bytes) => eachMessage(bytes, (_number, timeUs) => {
      delivered += 1;
      meter.add(0, (nowUs() - timeUs) / 1_000);
    });
  }
  const stop = pace(order.per_s, () => {
    const room = sent % order.senders.length;
    sent += 1;
    links[order.senders[room]!]!.send(sent, room, stampedText(nowUs(), sent));
  });
  const result = await meter.run(order, begins);
  stop();
  const whole = await until(() => acked === sent && delivered === sent * order.members, SETTLE_MS);
  if (!whole) throw new Error(`of ${sent} messages ${acked} were acked, with ${delivered} deliveries`);
  return result;
}
