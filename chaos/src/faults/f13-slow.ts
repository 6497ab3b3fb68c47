/** F13: some clients read nothing for a while, and everybody else sends. */
import { until } from '@talaria/probe';
import { memoryBytes } from '@talaria/probe/harness';
import { sleep } from '../clock.js';
import type { Fault } from '../fault.js';
import { rounds } from '../rounds.js';
import type { Rig } from '../rig.js';

const TEXT_CHARS = 4_000;
const SLOW_MS_LEAST = 10_000;
const LOOK_MS = 250;
/** More than the system's own buffers hold for the clients that do not read: the server must do without. */
const SENT_BYTES_LEAST = 32 * 2 ** 20;
/** For each client that reads nothing: what the server keeps of a socket before it ends it (8 MiB), and as much again. */
const MEMORY_BYTES_PER_CLIENT = 16 * 2 ** 20;
const MEMORY_BYTES_MORE = 96 * 2 ** 20;
const CAUGHT_UP_MS = 60_000;
const MIB = 2 ** 20;

export const slowConsumer: Fault = {
  id: 'F13',
  topologies: ['single', 'cluster'],
  name: 'slow consumer',
  // With the usual heartbeat nobody is taken for dead meanwhile: a slow client is a client that is behind, nothing else (FLW1).
  rig: () => ({ ownProxy: true, textChars: TEXT_CHARS, pace_ms: 40, flags: ['--heartbeat-ms', '25000'] }),
  async play(rig, endMs) {
    const problems: string[] = [];
    const most = { memory: 0, bytes: 0, catchUpMs: 0 };
    await rounds(endMs, 1, async (at) => {
      rig.show(`clients were slow ${at} times so far`);
      const base = memoryOf(rig);
      const [others, slow] = await both(rig);
      await rig.inject('consumer.slow', () => rig.slowProxy.set({ down: { kind: 'hold' } }));
      const watched = await watch(rig, slow.probes);
      const [othersAfter, slowAfter] = await both(rig);
      const bound = MEMORY_BYTES_MORE + slow.probes * MEMORY_BYTES_PER_CLIENT;
      if (watched.memory - base > bound) problems.push(`server memory grew by ${Math.round((watched.memory - base) / MIB)} MiB, more than ${bound / MIB}`);
      if (othersAfter.acked <= others.acked || othersAfter.seen <= others.seen || othersAfter.lostConnections > others.lostConnections) problems.push('clients that read were held up by those that did not');
      if (slowAfter.seen - slow.seen >= othersAfter.seen - others.seen) problems.push('the clients that were to be slow were not');
      rig.slowProxy.set({ down: { kind: 'open' } });
      const startedMs = performance.now();
      const goal = (await both(rig))[0].seen - others.seen;
      if (!await until(async () => (await both(rig))[1].seen - slow.seen >= goal / 2, CAUGHT_UP_MS)) problems.push('clients that read again did not catch up');
      Object.assign(most, { memory: Math.max(most.memory, watched.memory - base), bytes: Math.max(most.bytes, watched.bytes), catchUpMs: Math.max(most.catchUpMs, performance.now() - startedMs) });
      await rig.goesOn();
    });
    return { problems, figures: { memory_grew_mib: Math.round(most.memory / MIB), held_back_mib: Math.round(most.bytes / MIB), caught_up_ms: Math.round(most.catchUpMs) } };
  },
};

const memoryOf = (rig: Rig): number => rig.servers.reduce((sum, { pid }) => sum + memoryBytes(pid), 0);

/** The clients that read, and those that are to be slow. */
async function both(rig: Rig) {
  const states = await rig.statesByProcess();
  const [others, slow] = [states[0], states.at(-1)];
  if (others === undefined || slow === undefined) throw new Error('there are no clients');
  return [others, slow] as const;
}

/** Goes on until enough was sent that nobody reads. @returns the most memory that the server had, and about how much was held back */
async function watch(rig: Rig, slowClients: number): Promise<{ readonly memory: number; readonly bytes: number }> {
  const before = (await both(rig))[0].seen;
  let memory = 0;
  let bytes = 0;
  for (const endMs = performance.now() + SLOW_MS_LEAST; bytes < SENT_BYTES_LEAST || performance.now() < endMs; await sleep(LOOK_MS)) {
    memory = Math.max(memory, memoryOf(rig));
    const [others] = await both(rig);
    bytes = ((others.seen - before) / others.probes) * slowClients * TEXT_CHARS;
    rig.show(`${slowClients} clients read nothing, ${Math.round(bytes / MIB)} MiB are held back, the server has ${Math.round(memory / MIB)} MiB`);
  }
  return { memory, bytes };
}
