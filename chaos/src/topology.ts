/** On what a fault is played. */
export type Topology = 'single' | 'cluster';

export const TOPOLOGIES: readonly Topology[] = ['single', 'cluster'];

export const NODES = 3;

/** As the table and the page say it. */
export const topologyText: Readonly<Record<Topology, string>> = { single: 'one node, SQLite', cluster: `${NODES} nodes, Postgres, NATS` };
