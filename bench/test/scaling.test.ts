import { expect, it } from 'vitest';
import { ASSUMED, costsOf, costsTable, needOf, type Costs } from '../src/publish/scaling.js';
import type { Figure } from '../src/result.js';

const costs: Costs = {
  node_us_per_send: 50, node_us_per_delivery: 5, postgres_us_per_send: 25, nats_us_per_send: 5, kb_per_connection: 10, bytes_per_message: 1_000, wal_bytes_per_message: 2_000, bytes_per_delivery: 250,
};

it('adds up what a load needs', () => {
  const need = needOf({ name: 'x', connections: 120_000, sends_per_s: 100_000, followers: 10 }, costs, { ...ASSUMED, busy: 0.5, connections_per_node: 50_000, cores_per_postgres: 2, wal_mb_per_s: 50 });
  // 100,000 × 50 µs and 1,000,000 × 5 µs are ten seconds of work in each second.
  expect(need).toMatchObject({ nodes: 20, postgres_cores: 5, postgres_servers: 4, nats_cores: 1, connection_gb: 1.2, out_gbit_per_s: 2, stored_tb_per_day: 8.64 });
  expect(need.dollars_per_month).toBeCloseTo(26 * 25 + 8_640 * 30 * 0.1 + 648_000 * 0.02, 0);
});

it('has as many nodes as the connections want, however little they say', () => {
  expect(needOf({ name: 'x', connections: 1_000_000, sends_per_s: 1, followers: 1 }, costs).nodes).toBe(20);
});

it('says nothing when a cost has not been measured', () => {
  const figure: Figure = { scenario: 'cluster', subject: 'talaria-cluster', params: { nodes: 3 }, metric: 'cpu_us_per_send', unit: 'µs', value: 1 };
  expect(costsOf([figure])).toBeUndefined();
  expect(costsTable([figure])).toBe('Not measured yet.');
});
