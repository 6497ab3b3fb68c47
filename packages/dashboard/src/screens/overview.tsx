import type { Stats } from '@talaria/protocol/types';
import type { JSX } from 'preact';
import { useNodes } from '../api/use-nodes.js';
import { useQuery } from '../api/use-query.js';
import { Chart } from '../chart/chart.js';
import { BYTE_STEPS, TIME_STEPS } from '../chart/steps.js';
import { bytes, count, span } from '../format/numbers.js';
import { talaria } from '../format/shell.js';
import { latest, partsOf, pick } from '../insight/stats.js';
import { ms } from '../insight/way.js';
import { href } from '../router/match.js';
import { useQueryValue } from '../router/router.js';
import { SelectField } from '../ui/fields.js';
import { Missing } from '../ui/node.js';
import { Badge, Note, RefusalNote, Skeleton } from '../ui/notes.js';
import { Panel, Screen } from '../ui/screen.js';
import { Time } from '../ui/time.js';

const STATS_MS = 3_000;
const REST_MS = 10_000;
const MINUTES = [['5', '5 minutes'], ['15', '15 minutes'], ['60', 'an hour']] as const;
const PARTS_MAX = 5;
/** Below it a scale would make much of nothing. */
const LEAST_MS = 5;
const LEAST_BEHIND_MS = 5_000;

/** How the installation is, and was in the last minutes. */
export function Overview(): JSX.Element {
  const [chosen, setMinutes] = useQueryValue('minutes', '5');
  const [node, setNode] = useQueryValue('node');
  const minutes = MINUTES.find(([value]) => value === chosen)?.[0] ?? '5';
  const stats = useQuery('stats.get', { minutes: Number(minutes), node: node || undefined }, { everyMs: STATS_MS });
  const status = useQuery('status.get', {}, { everyMs: REST_MS });
  const nodes = useNodes(node);
  return (
    <Screen
      title="Overview" command={talaria('stats', [], { minutes, node: node || undefined })}
      badge={status.data && <Badge kind={status.data.ready ? 'good' : 'bad'}>{status.data.ready ? 'ready' : 'not ready'}</Badge>}
      actions={<>
        {nodes.several && <SelectField label="Node" value={node} onChange={setNode} options={nodes.options} />}
        <SelectField label="Of the last" value={minutes} onChange={setMinutes} options={MINUTES} />
      </>}
    >
      <Troubles />
      {stats.refusal && <RefusalNote refusal={stats.refusal} retry={() => void stats.refresh()} />}
      <Missing nodes={stats.data?.missing_nodes} />
      <Tiles stats={stats.data} nodes={nodes.count} />
      {stats.data ? <Charts stats={stats.data} /> : !stats.refusal && <div class="charts">{[1, 2, 3, 4].map((at) => <Panel key={at}><Skeleton lines={6} /></Panel>)}</div>}
      {status.data && <p class="small muted">Talaria {status.data.version}, {status.data.storage}, {status.data.transport}; the node that answers is up for {span(status.data.uptime_s * 1_000)}.</p>}
    </Screen>
  );
}

/** What goes wrong now: it is over where its end was seen. */
function Troubles(): JSX.Element | null {
  const { data } = useQuery('incidents.list', { since_ms: Math.floor(Date.now() / 600_000) * 600_000 - 600_000 }, { everyMs: REST_MS });
  const open = (data?.items ?? []).filter(({ over_ms, level }) => over_ms === null && level !== 'info');
  const [first] = open;
  if (!first) return null;
  return <Note kind="warn"><a href={href('/incidents')}>{open.length === 1 ? 'An incident' : `${open.length} incidents`} in the last minutes</a>: <code>{first.event}</code>, <Time ms={first.last_ms} ago />.</Note>;
}

function Tiles({ stats, nodes }: { readonly stats: Stats | undefined; readonly nodes: number | undefined }): JSX.Element {
  const shown = (name: Parameters<typeof latest>[1], format: (value: number) => string): string => {
    const value = stats && latest(stats, name);
    return value === undefined ? '–' : format(value);
  };
  const tiles = [
    ['Connections', shown('connections', count), '/connections'], ['Messages/s', shown('messages_per_s', count), undefined], ['Send, p95', shown('send_p95_ms', ms), undefined], ['Event loop late', shown('loop_lag_ms', ms), undefined],
    ['Storage', shown('storage_bytes', bytes), undefined], ['Nodes', nodes === undefined ? '–' : count(nodes), '/nodes'],
  ] as const;
  return <ul class="tiles">{tiles.map(([name, value, path]) => <li key={name}><span class="muted">{path === undefined ? name : <a href={href(path)}>{name}</a>}</span><strong>{value}</strong></li>)}</ul>;
}

function Charts({ stats }: { readonly stats: Stats }): JSX.Element {
  const charts = [
    { title: 'Connections', series: pick(stats, [['connections', 'connections']]), format: count },
    { title: 'Messages and deliveries per second', series: pick(stats, [['messages_per_s', 'messages'], ['deliveries_per_s', 'deliveries']]), format: count },
    { title: 'A send, until it is committed', series: pick(stats, [['send_p50_ms', 'p50'], ['send_p95_ms', 'p95'], ['send_p99_ms', 'p99']]), format: ms, least: LEAST_MS },
    { title: 'A commit', series: pick(stats, [['commit_ms', 'mean']]), format: ms, least: LEAST_MS },
    { title: 'Refusals and errors per second', series: [...pick(stats, [['refusals_per_s', 'refusals'], ['http_errors_per_s', 'errors over HTTP']]), ...partsOf(stats, 'refusals_per_s', PARTS_MAX - 2)], format: count },
    { title: 'Requests over HTTP per second', series: pick(stats, [['http_requests_per_s', 'requests']]), format: count },
    { title: 'Event loop, late by', series: pick(stats, [['loop_lag_ms', 'at most']]), format: ms, least: LEAST_MS },
    { title: 'Consumers, behind by', series: partsOf(stats, 'consumer_lag_ms', PARTS_MAX), format: span, least: LEAST_BEHIND_MS, steps: TIME_STEPS },
    { title: 'Memory', series: pick(stats, [['memory_bytes', 'memory']]), format: bytes, steps: BYTE_STEPS },
    { title: 'Storage', series: pick(stats, [['storage_bytes', 'storage']]), format: bytes, steps: BYTE_STEPS },
  ];
  return <div class="charts">{charts.map(({ title, ...chart }) => <Panel key={title}><Chart title={title} timesMs={stats.times_ms} {...chart} /></Panel>)}</div>;
}
