/** F8: what networks do to the connections of clients. */
import { between, sleep } from '../clock.js';
import type { Fault } from '../fault.js';
import { rounds } from '../rounds.js';
import type { Rig } from '../rig.js';

/** How long a slow network lasts. */
const SLOW_MS = { least: 1_000, most: 3_000 };
/** Longer than it takes to notice that nothing comes any more: two heartbeats. */
const SILENT_MS = 3_500;
const LATE_MS = 300;

interface Trouble {
  readonly name: string;
  /** @returns bytes that arrived on an old connection after a new one, where some did */
  readonly happen: (rig: Rig) => Promise<number | void>;
}

const slowly = async (rig: Rig): Promise<void> => {
  await sleep(between(SLOW_MS.least, SLOW_MS.most));
  rig.proxy.set({ up: { kind: 'open' }, down: { kind: 'open' } });
};

const TROUBLES: readonly Trouble[] = [
  { name: 'network.cut', happen: (rig) => rig.inject('network.cut', () => void rig.proxy.cut()) },
  { name: 'network.reset', happen: (rig) => rig.inject('network.reset', () => void rig.proxy.reset()) },
  {
    name: 'network.half_open',
    async happen(rig) {
      await rig.inject('network.half_open', () => void rig.proxy.sever());
      await sleep(SILENT_MS);
    },
  },
  {
    // Bytes that are gone end a TCP connection, sooner or later.
    name: 'network.loss',
    async happen(rig) {
      await rig.inject('network.loss', () => rig.proxy.set({ up: { kind: 'swallow', after_bytes: between(0, 500) }, down: { kind: 'swallow', after_bytes: between(0, 2_000) } }));
      await sleep(between(200, 600));
      rig.proxy.cut();
    },
  },
  {
    name: 'network.delay',
    async happen(rig) {
      const delay_ms = between(100, 800);
      await rig.inject('network.delay', () => rig.proxy.set({ up: { kind: 'delay', delay_ms }, down: { kind: 'delay', delay_ms } }));
      await slowly(rig);
    },
  },
  {
    name: 'network.trickle',
    async happen(rig) {
      await rig.inject('network.trickle', () => rig.proxy.set({ up: { kind: 'trickle', bytes: 40, every_ms: 20 }, down: { kind: 'trickle', bytes: 200, every_ms: 20 } }));
      await slowly(rig);
    },
  },
  { name: 'network.late', happen: late },
];

/** What clients sent arrives on their old connections after they have sent it again on new ones: repeats, and another order. */
async function late(rig: Rig): Promise<number> {
  rig.proxy.set({ up: { kind: 'keep' } });
  await sleep(LATE_MS);
  await rig.inject('network.late', () => void rig.proxy.orphan());
  await rig.goesOn('waiting for new connections beside the old ones');
  const bytes = rig.proxy.release();
  await sleep(LATE_MS);
  rig.proxy.dropOrphans();
  return bytes;
}

export const network: Fault = {
  id: 'F8',
  topologies: ['single', 'cluster'],
  name: 'client network broken',
  async play(rig, endMs) {
    let late_bytes = 0;
    await rounds(endMs, TROUBLES.length, async (at) => {
      const { name, happen } = TROUBLES[at % TROUBLES.length]!;
      rig.show(`${name}, ${at} troubles so far`);
      await sleep(between(200, 800));
      late_bytes += await happen(rig) ?? 0;
      await rig.goesOn();
    });
    return { problems: late_bytes === 0 ? ['nothing of an old connection came after the new one'] : [], figures: { late_bytes, lost_connections: (await rig.state()).lostConnections } };
  },
};
