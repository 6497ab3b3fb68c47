import { nowUs } from '../clock.js';
import type { Link } from '../drivers/driver.js';
import { Meter, type LoadResult, type MeterTimes } from '../meter.js';
import { stampedText, stampOf, TEXT_BYTES, TIME_MARK } from '../subject.js';

/** One sender; the next message goes when fewer than `in_flight` are not with everybody yet. */
export interface FanoutOrder extends MeterTimes {
  readonly kind: 'fanout';
  readonly followers: number;
  /** The one that is followed; the first when left out. */
  readonly room?: number;
  readonly in_flight: number;
}

/** One follower in so many reads the times in what it gets. */
const SAMPLE_EVERY = 50;

export function runFanout(links: readonly Link[], order: FanoutOrder, begins: () => void): Promise<LoadResult> {
  const meter = new Meter();
  const [sender, ...following] = links;
  let [sent, delivered] = [0, 0];
  const fill = (): void => {
    if (!meter.running) return;
    while (sent - Math.floor(delivered / order.followers) < order.in_flight) {
      sent += 1;
      sender!.send(sent, order.room ?? 0, stampedText(nowUs()));
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
  return meter.run(order, begins);
}

/** A server may put several messages into one frame. */
function messagesIn(bytes: Buffer): number {
  // A frame that is too short for two texts holds one.
  if (bytes.length < 2 * TEXT_BYTES) return 1;
  let count = 0;
  for (let at = bytes.indexOf(TIME_MARK); at >= 0; at = bytes.indexOf(TIME_MARK, at + TIME_MARK.length)) count += 1;
  return count;
}
