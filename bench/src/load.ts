/** The load program: a process that connects clients of any subject and measures from their side. */
import { jetstreamDriver } from './drivers/jetstream.js';
import { rawUwsDriver } from './drivers/raw-uws.js';
import { socketioDriver } from './drivers/socketio.js';
import { talariaDriver } from './drivers/talaria.js';
import { talariaBurst, type BurstLink } from './drivers/talaria-burst.js';
import type { Driver, Link } from './drivers/driver.js';
import { runAvalanche, type AvalancheOrder, type AvalancheResult } from './loads/avalanche.js';
import { runFanout, type FanoutOrder } from './loads/fanout.js';
import { runFill, type FillOrder } from './loads/fill.js';
import { runJitter, type JitterOrder, type JitterResult } from './loads/jitter.js';
import { runMany, type ManyOrder } from './loads/many.js';
import { runMarks, type MarksOrder, type MarksResult } from './loads/marks.js';
import { runOverload, type OverloadOrder, type OverloadResult } from './loads/overload.js';
import { runPages, type PagesOrder } from './loads/pages.js';
import { runSend, type SendOrder } from './loads/send.js';
import { runSoak, type SoakOrder, type SoakResult } from './loads/soak.js';
import type { LoadResult } from './meter.js';
import type { SubjectName, Target } from './subject.js';

/** What can be measured; each has a file in `loads`. */
export type MeasureOrder = SendOrder | FanoutOrder | ManyOrder | MarksOrder | JitterOrder | AvalancheOrder | FillOrder | PagesOrder | OverloadOrder | SoakOrder;
interface SpecialResults {
  readonly marks: MarksResult;
  readonly jitter: JitterResult;
  readonly avalanche: AvalancheResult;
  readonly overload: OverloadResult;
  readonly soak: SoakResult;
}
/** What it ends with. */
export type ResultOf<Order extends MeasureOrder> = Order['kind'] extends keyof SpecialResults ? SpecialResults[Order['kind']] : LoadResult;

export type LoadOrder =
  | { readonly kind: 'connect'; readonly target: Target; readonly from: number; readonly to: number }
  /** With clients that cost the load program little; Talaria's only. */
  | { readonly kind: 'connect_bursts'; readonly target: Target; readonly from: number; readonly to: number }
  | MeasureOrder
  /** Ends all connections abruptly, and goes on. */
  | { readonly kind: 'hang_up' }
  | { readonly kind: 'close' };

export type LoadAnswer =
  | { readonly kind: 'connected' }
  | { readonly kind: 'hung_up' }
  /** Warm: from here on it counts. */
  | { readonly kind: 'begins' }
  | { readonly kind: 'ended'; readonly result: LoadResult | SpecialResults[keyof SpecialResults] }
  | { readonly kind: 'closed' };

/** Of subjects that have sockets. */
const drivers: Readonly<Partial<Record<SubjectName, Driver>>> = {
  talaria: talariaDriver, 'talaria-search': talariaDriver, 'talaria-postgres': talariaDriver, 'talaria-cluster': talariaDriver, 'raw-uws': rawUwsDriver, jetstream: jetstreamDriver,
  socketio: socketioDriver, 'socketio-csr': socketioDriver, 'socketio-sqlite': socketioDriver, 'socketio-postgres': socketioDriver,
  'socketio-marks': socketioDriver, 'socketio-presence': socketioDriver,
};
/** Handshakes at once. */
const CONNECT_AT_ONCE = 100;

const tell = (answer: LoadAnswer): void => void process.send?.(answer);
const begins = (): void => tell({ kind: 'begins' });
const links: Link[] = [];
const bursts: BurstLink[] = [];

async function connect<Each extends Link>(from: number, to: number, make: (client: number) => Each): Promise<Each[]> {
  const made = Array.from({ length: to - from }, (_, offset) => make(from + offset));
  for (let at = 0; at < made.length; at += CONNECT_AT_ONCE) await Promise.all(made.slice(at, at + CONNECT_AT_ONCE).map((link) => link.connect()));
  links.push(...made);
  return made;
}

function driverOf({ subject }: Target): Driver {
  const driver = drivers[subject];
  if (!driver) throw new Error(`${subject} has no sockets`);
  return driver;
}

async function obey(order: LoadOrder): Promise<void> {
  switch (order.kind) {
    case 'connect':
      await connect(order.from, order.to, (client) => driverOf(order.target)(order.target, client));
      tell({ kind: 'connected' });
      return;
    case 'connect_bursts':
      bursts.push(...await connect(order.from, order.to, (client) => talariaBurst(order.target, client)));
      tell({ kind: 'connected' });
      return;
    case 'send': tell({ kind: 'ended', result: await runSend(links, order, begins) }); return;
    case 'fanout': tell({ kind: 'ended', result: await runFanout(links, order, begins) }); return;
    case 'many': tell({ kind: 'ended', result: await runMany(links, order, begins) }); return;
    case 'marks': tell({ kind: 'ended', result: await runMarks(links, order, begins) }); return;
    case 'jitter': tell({ kind: 'ended', result: await runJitter(links, order, begins) }); return;
    case 'avalanche': tell({ kind: 'ended', result: await runAvalanche(links, order, begins) }); return;
    case 'fill': tell({ kind: 'ended', result: await runFill(links, order, begins) }); return;
    case 'pages': tell({ kind: 'ended', result: await runPages(links, order, begins) }); return;
    case 'overload': tell({ kind: 'ended', result: await runOverload(bursts, order, begins) }); return;
    case 'soak': tell({ kind: 'ended', result: await runSoak(bursts, order, begins) }); return;
    case 'hang_up':
      for (const link of [...links.splice(0), ...bursts.splice(0)]) link.cut();
      tell({ kind: 'hung_up' });
      return;
    case 'close':
      for (const link of links) link.cut();
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
