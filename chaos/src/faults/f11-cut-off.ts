/** F11: a node is cut off from NATS, from Postgres, from both, or hears no answers. */
import { between, sleep } from '../clock.js';
import type { Fault } from '../fault.js';
import { rounds } from '../rounds.js';
import type { Rig } from '../rig.js';

const HELD = { up: { kind: 'hold' }, down: { kind: 'hold' } } as const;
const DEAF = { down: { kind: 'hold' } } as const;
/** Longer than a node that reaches nothing keeps its clients. */
const ALONE_MS = 6_000;

interface Cut {
  readonly name: string;
  readonly begin: (rig: Rig) => void;
  readonly ms: () => number;
}

const usual = (): number => between(1_500, 4_000);
const CUTS: readonly Cut[] = [
  { name: 'node.off_nats', begin: ({ way }) => way.nats.set(HELD), ms: usual },
  { name: 'node.off_postgres', begin: ({ way }) => way.postgres.set(HELD), ms: usual },
  { name: 'node.deaf_to_postgres', begin: ({ way }) => way.postgres.set(DEAF), ms: usual },
  {
    name: 'node.off_both',
    begin({ way }) {
      way.nats.set(HELD);
      way.postgres.set(HELD);
    },
    ms: () => ALONE_MS,
  },
];

export const cutOff: Fault = {
  id: 'F11',
  topologies: ['cluster'],
  name: 'node cut off',
  async play(rig, endMs) {
    const problems: string[] = [];
    let meanwhile = 0;
    const before = (await rig.state()).lostConnections;
    await rounds(endMs, CUTS.length, async (at) => {
      const { name, begin, ms } = CUTS[at % CUTS.length]!;
      rig.show(`${name}, ${at} cuts so far`);
      await sleep(between(200, 1_000));
      await rig.inject(name, () => begin(rig));
      const acked = await rig.othersGoOn(ms());
      meanwhile += acked;
      if (acked === 0) problems.push(`nothing was acked on the other nodes during ${name}`);
      rig.way.nats.cut();
      rig.way.postgres.cut();
      await rig.goesOn();
    });
    const lost_connections = (await rig.state()).lostConnections - before;
    if (lost_connections === 0) problems.push('a node that reached nothing kept its clients');
    return { problems, figures: { acked_meanwhile: meanwhile, lost_connections } };
  },
};
