/** The load program: a process that connects clients of any subject and measures from their side. */
import { rawUwsDriver } from './drivers/raw-uws.js';
import { socketioDriver } from './drivers/socketio.js';
import { talariaDriver } from './drivers/talaria.js';
import { connectBurst, type BurstLink } from './drivers/talaria-burst.js';
import type { Driver, Link } from './drivers/driver.js';
import { runFanout, type FanoutOrder } from './loads/fanout.js';
import { runFill, type FillOrder } from './loads/fill.js';
import { runOverload, type OverloadOrder, type OverloadResult } from './loads/overload.js';
import { runPages, type PagesOrder } from './loads/pages.js';
import { runSend, type SendOrder } from './loads/send.js';
import { runSoak, type SoakOrder, type SoakResult } from './loads/soak.js';
import type { LoadResult } from './meter.js';
import type { SubjectName, Target } from './subject.js';

/** What can be measured; each has a file in `loads`. */
export type MeasureOrder = SendOrder | FanoutOrder | FillOrder | PagesOrder | OverloadOrder | SoakOrder;
/** What it ends with. */
export type ResultOf<Order extends MeasureOrder> = Order extends OverloadOrder ? OverloadResult : Order extends SoakOrder ? SoakResult : LoadResult;

export type LoadOrder =
  | { readonly kind: 'connect'; readonly target: Target; readonly from: number; readonly to: number }
  /** With clients that cost the load program little; Talaria's only. */
  | { readonly kind: 'connect_bursts'; readonly target: Target; readonly from: number; readonly to: number }
  | MeasureOrder
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

const tell = (answer: LoadAnswer): void => void process.send?.(answer);
const begins = (): void => tell({ kind: 'begins' });
const links: Link[] = [];
const bursts: BurstLink[] = [];

async function connect<Each extends Link>(from: number, to: number, open: (client: number) => Promise<Each>): Promise<Each[]> {
  const opened: Each[] = [];
  for (let at = from; at < to; at += CONNECT_AT_ONCE) {
    opened.push(...await Promise.all(Array.from({ length: Math.min(CONNECT_AT_ONCE, to - at) }, (_, offset) => open(at + offset))));
  }
  links.push(...opened);
  return opened;
}

async function obey(order: LoadOrder): Promise<void> {
  switch (order.kind) {
    case 'connect':
      await connect(order.from, order.to, (client) => drivers[order.target.subject].connect(order.target, client));
      tell({ kind: 'connected' });
      return;
    case 'connect_bursts':
      bursts.push(...await connect(order.from, order.to, (client) => connectBurst(order.target, client)));
      tell({ kind: 'connected' });
      return;
    case 'send': tell({ kind: 'ended', result: await runSend(links, order, begins) }); return;
    case 'fanout': tell({ kind: 'ended', result: await runFanout(links, order, begins) }); return;
    case 'fill': tell({ kind: 'ended', result: await runFill(links, order, begins) }); return;
    case 'pages': tell({ kind: 'ended', result: await runPages(links, order, begins) }); return;
    case 'overload': tell({ kind: 'ended', result: await runOverload(bursts, order, begins) }); return;
    case 'soak': tell({ kind: 'ended', result: await runSoak(bursts, order, begins) }); return;
    case 'close':
      for (const link of links) link.close();
      tell({ kind: 'closed' });
      // An order that waited for the listener is given inside of a call that still needs the channel.
      setImmediate(() => process.disconnect());
  }
}

// Whoever gives the orders has gone.
process.once('disconnect', () => process.exit());
process.on('message', (order: LoadOrder) => {
  obey(order).catch((error: unknown) => {
    console.error(error);
    process.exit(1);
  });
});
