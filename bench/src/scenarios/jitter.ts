/** One conversation whose clients lose their networks again and again. */
import { loadCpuPct, scenario, type Case } from './scenario.js';
import type { Rig } from '../rig.js';

const PER_S = 2;
const UP_MS = 15_000;
const OFF_MS = 2_000;

async function measure(rig: Rig, clients: number, run_ms: number): Promise<Record<string, number>> {
  await rig.prepare({ clients: clients + 1, senders: 1, rooms: [Array.from({ length: clients }, (_, at) => at + 1)] });
  await rig.connect(0, clients + 1);
  const measured = await rig.measure({ kind: 'jitter', per_s: PER_S, up_ms: UP_MS, off_ms: OFF_MS, run_ms });
  const { messages, cuts, seen, repeated, disordered, replay_p50_ms, replay_p99_ms, resume_p50_ms, resume_p99_ms } = measured.result;
  if (cuts === 0) throw new Error('no client was cut');
  if (rig.subject === 'talaria' && repeated + disordered > 0) throw new Error(`${repeated} messages came twice, ${disordered} out of order`);
  return { delivered_pct: (seen / (messages * clients)) * 100, replay_p50_ms, replay_p99_ms, resume_p50_ms, resume_p99_ms, load_cpu_pct: loadCpuPct(measured) };
}

export const jitter = scenario('jitter', ['talaria', 'socketio-csr', 'socketio'], ({ quick }): Case[] => (quick
  ? [
    { params: { clients: 1_000 }, subjects: ['talaria', 'socketio-csr'], measure: (rig) => measure(rig, 1_000, 6_000) },
    { params: { clients: 5_000 }, subjects: ['talaria'], measure: (rig) => measure(rig, 5_000, 10_000) },
  ]
  : [1_000, 5_000].map((clients) => ({ params: { clients }, measure: (rig) => measure(rig, clients, 45_000) }))));
