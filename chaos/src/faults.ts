/** The faults that this command injects, in the order of FAULTS.md. */
import type { Fault } from './fault.js';
import { crash } from './faults/f1-crash.js';
import { pause } from './faults/f2-pause.js';
import { powerCut } from './faults/f3-power.js';
import { fsyncError } from './faults/f4-fsync.js';
import { diskFull } from './faults/f5-full.js';
import { diskStalled } from './faults/f6-stall.js';
import { clockJumps } from './faults/f7-clock.js';
import { network } from './faults/f8-network.js';
import { ackLost } from './faults/f9-ack-lost.js';
import { natsDown } from './faults/f10-nats.js';
import { cutOff } from './faults/f11-cut-off.js';
import { postgresBroken } from './faults/f12-postgres.js';
import { slowConsumer } from './faults/f13-slow.js';
import { reconnectStorm } from './faults/f14-storm.js';
import { rollingDeploy } from './faults/f15-deploy.js';
import { restored } from './faults/f17-restore.js';

export const faults: readonly Fault[] = [
  crash(), pause, powerCut, fsyncError, diskFull, diskStalled, clockJumps, network, ackLost, natsDown, cutOff, postgresBroken, slowConsumer, reconnectStorm, rollingDeploy, restored,
];
