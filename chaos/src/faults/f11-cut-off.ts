/** F11: a node is cut off from NATS, from Postgres, from both, or one way only: it hears no answers, or is not heard. */
import { between, sleep } from '../clock.js';
import type { Fault } from '../fault.js';
import { noNets, openNet, type Cut } from '../net.js';
import { rounds } from '../rounds.js';
import type { Rig } from '../rig.js';
import { NODES } from '../topology.js';

const HELD = { kind: 'hold' } as const;
/** Longer than a node that reaches nothing keeps its clients. */
const ALONE_MS = 6_000;

type Peer = 'nats' | 'postgres';

interface Parting {
  readonly name: string;
  readonly from: readonly Peer[];
  /** What does not pass: what the node sends, what it is sent, or neither. */
  readonly lost: { readonly sent: boolean; readonly answers: boolean };
  readonly ms: () => number;
}

const usual = (): number => between(1_500, 4_000);
const BOTH_WAYS = { sent: true, answers: true };
const PARTINGS: readonly Parting[] = [
  { name: 'node.off_nats', from: ['nats'], lost: BOTH_WAYS, ms: usual },
  { name: 'node.off_postgres', from: ['postgres'], lost: BOTH_WAYS, ms: usual },
  { name: 'node.deaf_to_postgres', from: ['postgres'], lost: { sent: false, answers: true }, ms: usual },
  { name: 'node.unheard_by_postgres', from: ['postgres'], lost: { sent: true, answers: false }, ms: usual },
  { name: 'node.off_both', from: ['nats', 'postgres'], lost: BOTH_WAYS, ms: () => ALONE_MS },
];

export const cutOff: Fault = {
  id: 'F11',
  topologies: ['cluster'],
  name: 'node cut off',
  // Where there are no namespaces, proxies hold back what would be dropped.
  backing: (scene) => (noNets() === undefined ? { net: openNet(scene, NODES) } : {}),
  async play(rig, endMs) {
    const problems: string[] = [];
    let meanwhile = 0;
    const before = (await rig.state()).lostConnections;
    await rounds(endMs, PARTINGS.length, async (at) => {
      const parting = PARTINGS[at % PARTINGS.length]!;
      rig.show(`${parting.name}, ${at} cuts so far`);
      await sleep(between(200, 1_000));
      await rig.inject(parting.name, () => part(rig, parting));
      const acked = await rig.othersGoOn(parting.ms());
      meanwhile += acked;
      if (acked === 0) problems.push(`nothing was acked on the other nodes during ${parting.name}`);
      heal(rig);
      await rig.goesOn();
    });
    const lost_connections = (await rig.state()).lostConnections - before;
    if (lost_connections === 0) problems.push('a node that reached nothing kept its clients');
    return { problems, figures: { acked_meanwhile: meanwhile, lost_connections, namespaces: rig.backing.net ? NODES : 0 } };
  },
};

/** In a namespace packets are dropped, and each side is left to find out; through proxies, nothing passes on connections that stand. */
function part(rig: Rig, { from, lost }: Parting): void {
  const { net } = rig.backing;
  if (net) {
    net.cut(rig.broken, from.map((peer): Cut => ({ port: rig.backing[peer].port, from: lost.answers, to: lost.sent })));
    return;
  }
  for (const peer of from) rig.way[peer].set({ ...(lost.sent ? { up: HELD } : {}), ...(lost.answers ? { down: HELD } : {}) });
}

function heal(rig: Rig): void {
  const { net } = rig.backing;
  if (net) {
    net.heal(rig.broken);
    return;
  }
  rig.way.nats.cut();
  rig.way.postgres.cut();
}
