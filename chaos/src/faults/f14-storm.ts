/** F14: a server that thousands of clients are connected to is killed, and all of them come back at once. */
import { until } from '@talaria/probe';
import { sleep } from '../clock.js';
import type { Fault } from '../fault.js';
import { rounds } from '../rounds.js';

const CLIENTS = 2_000;
const GROUP = 50;
const PROCESSES = 3;
/** Within this time after the server is there again, everybody is back. */
export const BACK_WITHIN_MS = 60_000;

const groups = Array.from({ length: CLIENTS / GROUP }, (_, group) => Array.from({ length: GROUP }, (__, at) => group * GROUP + at));

export const reconnectStorm: Fault = {
  id: 'F14',
  topologies: ['single', 'cluster'],
  name: 'reconnect storm',
  rig: () => ({ users: CLIENTS, conversations: groups, processes: PROCESSES, pace_ms: 60_000, durableClients: false, flags: ['--heartbeat-ms', '10000'] }),
  async play(rig, endMs) {
    const problems: string[] = [];
    let back_ms = 0;
    await rounds(endMs, 1, async (at) => {
      rig.show(`${at} storms so far`);
      await sleep(1_000);
      await rig.inject('server.kill', () => rig.kill());
      await rig.restart();
      const startedMs = performance.now();
      const back = await until(async () => {
        const { connected, probes } = await rig.state();
        rig.show(`${connected} of ${probes} clients are back`);
        return connected === probes;
      }, BACK_WITHIN_MS);
      back_ms = Math.max(back_ms, Math.round(performance.now() - startedMs));
      if (!back) problems.push(`not all clients were back within ${BACK_WITHIN_MS / 1_000} s`);
      await rig.goesOn();
    });
    return { problems, figures: { clients: (await rig.state()).probes, client_processes: PROCESSES, back_ms } };
  },
};
