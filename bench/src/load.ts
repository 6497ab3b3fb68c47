/** The load program: a process that connects clients of any subject and measures from their side. */
import { rawUwsDriver } from './drivers/raw-uws.js';
import { socketioDriver } from './drivers/socketio.js';
import { talariaDriver } from './drivers/talaria.js';
import type { Driver, Link } from './drivers/driver.js';
import { runFanout, type FanoutOrder } from './loads/fanout.js';
import { runSend, type SendOrder } from './loads/send.js';
import type { LoadResult } from './meter.js';
import type { SubjectName, Target } from './subject.js';

/** What can be measured; each has a file in `loads`. */
export type MeasureOrder = SendOrder | FanoutOrder;

export type LoadOrder =
  | { readonly kind: 'connect'; readonly target: Target; readonly from: number; readonly to: number }
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

async function connect(target: Target, from: number, to: number): Promise<void> {
  for (let at = from; at < to; at += CONNECT_AT_ONCE) {
    const some = Array.from({ length: Math.min(CONNECT_AT_ONCE, to - at) }, (_, offset) => drivers[target.subject].connect(target, at + offset));
    links.push(...await Promise.all(some));
  }
}

async function obey(order: LoadOrder): Promise<void> {
  switch (order.kind) {
    case 'connect':
      await connect(order.target, order.from, order.to);
      tell({ kind: 'connected' });
      return;
    case 'send': tell({ kind: 'ended', result: await runSend(links, order, begins) }); return;
    case 'fanout': tell({ kind: 'ended', result: await runFanout(links, order, begins) }); return;
    case 'close':
      for (const link of links) link.close();
      tell({ kind: 'closed' });
      process.disconnect();
  }
}

process.on('message', (order: LoadOrder) => {
  obey(order).catch((error: unknown) => {
    console.error(error);
    process.exit(1);
  });
});
