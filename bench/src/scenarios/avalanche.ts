/** A server is killed, and all of its clients come back to the next one. */
import { sleep } from '../clock.js';
import { loadCpuPct, scenario } from './scenario.js';

const CLIENTS = 5_000;
const PER_S = 2;
const WITHIN_MS = 60_000;

export const avalanche = scenario('avalanche', ['talaria', 'socketio-sqlite'], ({ quick }) => [{
  params: { clients: CLIENTS },
  rounds: quick ? 1 : 3,
  async measure(rig) {
    await rig.prepare({ clients: CLIENTS + 1, senders: 1, rooms: [Array.from({ length: CLIENTS }, (_, at) => at + 1)] });
    await rig.connect(0, CLIENTS + 1);
    let restart = { killed_at_ms: 0, ready_at_ms: 0 };
    const measured = await rig.measure({ kind: 'avalanche', per_s: PER_S, within_ms: WITHIN_MS, after_ms: quick ? 1_000 : 5_000 }, async () => {
      await sleep(quick ? 2_000 : 5_000);
      restart = await rig.restartServer();
    });
    const { recovered_p50_at_ms: p50, recovered_p99_at_ms: p99, never_back, lost, repeated, disordered } = measured.result;
    if (rig.subject === 'talaria' && lost + repeated + disordered > 0) throw new Error(`${lost} acked messages are not with everybody, ${repeated} came twice, ${disordered} out of order`);
    return { down_ms: restart.ready_at_ms - restart.killed_at_ms, recovered_p50_ms: p50 - restart.ready_at_ms, recovered_p99_ms: p99 - restart.ready_at_ms, never_back, lost, load_cpu_pct: loadCpuPct(measured) };
  },
}]);
