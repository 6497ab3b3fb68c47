import { nowUs } from '../clock.js';
import type { Link } from '../drivers/driver.js';
import { createFollower } from '../drivers/talaria-follower.js';
import { nextId } from '../ids.js';
import { Meter, type LoadResult, type MeterTimes } from '../meter.js';
import { stampedText, type Target } from '../subject.js';

/** Keeps that many sends unanswered, spread over the senders. */
export interface SendOrder extends MeterTimes {
  readonly kind: 'send';
  readonly senders: number;
  readonly in_flight: number;
  /** Spread over so many rooms, in turns; one when left out. */
  readonly rooms?: number;
  /** Clients of Talaria, by number, that see all of it meanwhile. */
  readonly followed?: { readonly by: readonly number[]; readonly target: Target };
}

export async function runSend(links: readonly Link[], order: SendOrder, begins: () => void): Promise<LoadResult> {
  const { by, target } = order.followed ?? { by: [], target: undefined };
  const followers = target ? by.map((client) => createFollower(target, client, nextId())) : [];
  for (const follower of followers) await follower.connect();
  const result = await send(links, order, begins);
  for (const follower of followers) follower.drop();
  return result;
}

function send(links: readonly Link[], order: SendOrder, begins: () => void): Promise<LoadResult> {
  const meter = new Meter();
  const startedUs = new Map<number, number>();
  const senders = links.slice(0, order.senders);
  let turn = 0;
  const next = (link: Link): void => {
    if (!meter.running) return;
    const id = nextId();
    startedUs.set(id, nowUs());
    link.send(id, turn % (order.rooms ?? 1), stampedText(nowUs()));
    turn += 1;
  };
  for (const link of senders) {
    link.acked = (one) => {
      const atUs = startedUs.get(one);
      if (atUs === undefined) return;
      startedUs.delete(one);
      meter.add(1, (nowUs() - atUs) / 1_000);
      next(link);
    };
  }
  for (let at = 0; at < order.in_flight; at += 1) next(senders[at % senders.length]!);
  return meter.run(order, begins);
}
