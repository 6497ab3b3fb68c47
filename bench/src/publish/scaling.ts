/** What measured costs come to for many: plain arithmetic, so that whoever has other loads or prices can do it again. */
import { createServerCodec } from '@talaria/protocol/codec';
import { measuredValue, type Figure } from '../result.js';
import { rounded } from '../table.js';

/** What one of it costs, as it was measured. */
export interface Costs {
  readonly node_us_per_send: number;
  readonly node_us_per_delivery: number;
  readonly postgres_us_per_send: number;
  readonly nats_us_per_send: number;
  readonly kb_per_connection: number;
  readonly bytes_per_message: number;
  readonly wal_bytes_per_message: number;
  readonly bytes_per_delivery: number;
}

export interface Load {
  readonly name: string;
  readonly connections: number;
  readonly sends_per_s: number;
  /** Who gets each message at once. */
  readonly followers: number;
}

/** What is not measured here: said beside the result. */
export const ASSUMED = {
  /** Of a core, so that there is room for a node that fails and for a busy minute. */
  busy: 0.5,
  connections_per_node: 50_000,
  cores_per_postgres: 32,
  /** Of log that one Postgres server is asked to write in a second. */
  wal_mb_per_s: 200,
  days_kept: 30,
  dollars_per_core_month: 25,
  dollars_per_gb_month: 0.1,
  dollars_per_sent_gb: 0.02,
} as const;

export const LOADS: readonly Load[] = [
  { name: 'a company', connections: 10_000, sends_per_s: 200, followers: 10 },
  { name: 'a large app', connections: 1_000_000, sends_per_s: 50_000, followers: 20 },
  { name: 'a million messages a second', connections: 1_000_000, sends_per_s: 1_000_000, followers: 5 },
];

/** @returns undefined when something of it has not been measured */
export function costsOf(all: readonly Figure[]): Costs | undefined {
  const cluster = (metric: string): number | undefined => measuredValue(all, 'talaria-cluster', { scenario: 'cluster', metric, params: { nodes: 3 } });
  const stored = (metric: string): number | undefined => measuredValue(all, 'talaria-postgres', { scenario: 'postgres-send', metric, params: { in_flight: 512 } });
  const costs = {
    node_us_per_send: cluster('cpu_us_per_send'), node_us_per_delivery: cluster('cpu_us_per_delivery'), postgres_us_per_send: cluster('postgres_cpu_us_per_send'),
    nats_us_per_send: cluster('nats_cpu_us_per_send'), kb_per_connection: measuredValue(all, 'talaria', { scenario: 'idle', metric: 'kb_per_connection', params: { following: 20 } }),
    bytes_per_message: stored('bytes_per_message'), wal_bytes_per_message: stored('wal_bytes_per_message'), bytes_per_delivery: bytesPerDelivery(),
  };
  return isWhole(costs) ? costs : undefined;
}

const isWhole = (costs: { readonly [K in keyof Costs]: Costs[K] | undefined }): costs is Costs => Object.values(costs).every((value) => value !== undefined);

/** A message of 180 bytes on its own, as a follower's socket gets it. */
function bytesPerDelivery(): number {
  const codec = createServerCodec();
  const id = 'a'.repeat(26);
  const fact = codec.encodeFact({
    seq: 1_000_000, event_id: `e_${id}`, type: 'message.created', version: 0, actor: `u_${id}`, time_ms: 1_800_000_000_000, target_seq: 0, client_id: '0199a0c0-0000-7000-8000-000000000000', redacted: false,
    trace_id: undefined, json: undefined, message: { text: 'a'.repeat(180), data: undefined, silent: false, system: false, ordinal: 1_000_000, sender_ordinal: 1_000 },
  });
  return codec.factsFrame({ stream: `c_${id}`, from_seq: 1_000_000, to_seq: 1_000_000, omitted: [] }, [fact]).length;
}

export interface Need {
  readonly nodes: number;
  readonly postgres_cores: number;
  readonly postgres_servers: number;
  readonly nats_cores: number;
  readonly connection_gb: number;
  readonly out_gbit_per_s: number;
  readonly stored_tb_per_day: number;
  readonly dollars_per_month: number;
}

/** A node is one process on one core. */
export function needOf({ connections, sends_per_s, followers }: Load, costs: Costs, assumed: { readonly [K in keyof typeof ASSUMED]: number } = ASSUMED): Need {
  const deliveries_per_s = sends_per_s * followers;
  const cores = (us_per_s: number): number => Math.max(1, Math.ceil(us_per_s / 1_000_000 / assumed.busy));
  const byWork = cores(sends_per_s * costs.node_us_per_send + deliveries_per_s * costs.node_us_per_delivery);
  const nodes = Math.max(byWork, Math.ceil(connections / assumed.connections_per_node));
  const postgres_cores = cores(sends_per_s * costs.postgres_us_per_send);
  const byLog = Math.ceil((sends_per_s * costs.wal_bytes_per_message) / 1_000_000 / assumed.wal_mb_per_s);
  const nats_cores = cores(sends_per_s * costs.nats_us_per_send);
  const bytes_per_day = sends_per_s * 86_400 * costs.bytes_per_message;
  const sent_gb_per_month = (deliveries_per_s * costs.bytes_per_delivery * 86_400 * 30) / 1e9;
  return {
    nodes, postgres_cores, postgres_servers: Math.max(byLog, Math.ceil(postgres_cores / assumed.cores_per_postgres)), nats_cores,
    connection_gb: (connections * costs.kb_per_connection) / 1e6, out_gbit_per_s: (deliveries_per_s * costs.bytes_per_delivery * 8) / 1e9, stored_tb_per_day: bytes_per_day / 1e12,
    dollars_per_month: (nodes + postgres_cores + nats_cores) * assumed.dollars_per_core_month + ((bytes_per_day * assumed.days_kept) / 1e9) * assumed.dollars_per_gb_month
      + sent_gb_per_month * assumed.dollars_per_sent_gb,
  };
}

/** Nodes and servers are whole. */
const counted = (value: number): string => (Number.isInteger(value) ? value.toLocaleString('en') : rounded(value));

const row = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;

export function costsTable(all: readonly Figure[]): string {
  const costs = costsOf(all);
  if (!costs) return 'Not measured yet.';
  return [row(['cost', 'measured']), row(['---', '---:']), ...Object.entries<number>({ ...costs }).map(([name, value]) => row([`\`${name}\``, rounded(value)]))].join('\n');
}

export function loadsTable(all: readonly Figure[]): string {
  const costs = costsOf(all);
  if (!costs) return 'Not measured yet.';
  const needs = LOADS.map((load) => ({ ...load, deliveries_per_s: load.sends_per_s * load.followers, ...needOf(load, costs) }));
  const { name: _, ...first } = needs[0]!;
  return [
    row(['', ...needs.map(({ name }) => name)]), row(['---', ...needs.map(() => '---:')]),
    ...Object.keys(first).map((key) => row([`\`${key}\``, ...needs.map((need) => counted(need[key as keyof typeof first]))])),
  ].join('\n');
}
