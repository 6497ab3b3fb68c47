/** All parts of one run. */
import type { Chronicle } from './chronicle.js';
import type { Cluster } from './cluster.js';
import type { Device } from './device.js';
import type { Dice } from './dice.js';
import type { Disk } from './disk.js';
import type { Network } from './network.js';
import type { Scheduler } from './scheduler.js';
import type { Stage } from './stage.js';
import type { Trace } from './trace.js';
import type { Watch } from './watch.js';

export interface World {
  readonly scheduler: Scheduler;
  readonly trace: Trace;
  readonly dice: Dice;
  readonly disk: Disk;
  readonly network: Network;
  readonly cluster: Cluster;
  readonly chronicle: Chronicle;
  readonly watch: Watch;
  readonly stage: Stage;
  /** The day is over: nobody begins anything new. */
  over: boolean;
  /** Milliseconds since 1970. */
  wallMs(): number;
  /** Moves everybody's calendar. Spans of time stay as they are. */
  jump(ms: number): void;
}

export function devicesOf({ stage }: World): Device[] {
  return [...stage.main.devices, ...stage.other.devices];
}

/** Commands without an answer. */
export function inFlight(world: World): number {
  const { main, other } = world.stage;
  return devicesOf(world).reduce((sum, device) => sum + device.unacked, main.backend.unacked + other.backend.unacked);
}
