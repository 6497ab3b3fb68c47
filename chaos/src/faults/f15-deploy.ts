/** F15: every node is replaced, one after the other, twice, under thousands of clients that go on sending. */
import { awayMs } from '@talaria/probe';
import { sleep } from '../clock.js';
import type { Fault } from '../fault.js';
import { NODES } from '../topology.js';

const CLIENTS = 3_000;
const GROUP = 50;
const PROCESSES = 3;
const TIMES = 2;
/** Each client does something every so often: together, 60 times a second. */
const PACE_MS = 50_000;
const DRAIN_MS = 5_000;
/** Reconnects of a drained node are spread over its window: in no tenth of it do more than so many of them come. */
const BETWEEN_MS = 1_000;

const groups = Array.from({ length: CLIENTS / GROUP }, (_, group) => Array.from({ length: GROUP }, (__, at) => group * GROUP + at));

export const rollingDeploy: Fault = {
  id: 'F15',
  topologies: ['cluster'],
  name: 'rolling deploy',
  rig: () => ({ users: CLIENTS, conversations: groups, processes: PROCESSES, pace_ms: PACE_MS, durableClients: false, flags: ['--heartbeat-ms', '10000', '--drain-ms', String(DRAIN_MS)] }),
  async play(rig) {
    const before = await rig.state();
    for (let at = 0; at < TIMES * NODES; at += 1) {
      rig.show(`${at} nodes replaced so far`);
      let ended: Promise<void> | undefined;
      await rig.inject('node.terminate', () => {
        // It is told when it runs again, a moment later.
        ended = rig.terminate();
      }, at % NODES);
      await ended;
      await rig.restart();
      await rig.goesOn();
      await sleep(BETWEEN_MS);
    }
    const after = await rig.state();
    const moved = after.lostConnections - before.lostConnections;
    return {
      problems: [
        ...(after.failed > before.failed ? [`${after.failed - before.failed} commands were finally refused`] : []),
        ...(moved < CLIENTS ? [`only ${moved} connections moved`] : []),
      ],
      figures: { clients: after.probes, replaced: TIMES * NODES, moved_connections: moved, away_p50_ms: awayMs(after.away, 0.5), away_p99_ms: awayMs(after.away, 0.99) },
    };
  },
};
