import type { JSX } from 'preact';
import { useQuery } from '../api/use-query.js';
import { bytes, count, span } from '../format/numbers.js';
import { talaria } from '../format/shell.js';
import { href } from '../router/match.js';
import { useRouter } from '../router/router.js';
import { Copy } from '../ui/copy.js';
import { Badge, Empty, RefusalNote } from '../ui/notes.js';
import { Screen } from '../ui/screen.js';
import { Table } from '../ui/table.js';
import { Time } from '../ui/time.js';

const EVERY_MS = 5_000;

/** The nodes that hear of each other. */
export function Nodes(): JSX.Element {
  const { place } = useRouter();
  const { data, refusal, refresh } = useQuery('cluster.get', {}, { everyMs: EVERY_MS });
  return (
    <Screen title="Nodes" command={talaria('cluster status')}>
      {refusal && <RefusalNote refusal={refusal} retry={() => void refresh()} />}
      {(data || !refusal) && (
        <Table
          label="Nodes" rows={data?.nodes} keyOf={({ id }) => id} selected={({ id }) => id === place.query.get('node')} empty={<Empty title="No node is heard of." />}
          columns={[
            { name: 'Node', cell: ({ id, this_node }) => <><span class="id"><a href={href('/', { node: id })} title={id}><code>{id.slice(-8)}</code></a><Copy text={id} label={`Copy ${id}`} /></span>{this_node && <> <Badge>answers</Badge></>}</> },
            { name: 'Address', cell: ({ host, port }) => <code>{host}:{port}</code> },
            { name: 'State', cell: ({ ready, bus }) => <><Badge kind={ready ? 'good' : 'bad'}>{ready ? 'ready' : 'not ready'}</Badge> {!bus && <Badge kind="bad">no bus</Badge>}</> },
            { name: 'Connections', numeric: true, cell: ({ id, connections }) => <a href={href('/connections', { node: id })}>{count(connections)}</a> }, { name: 'Streams', numeric: true, cell: ({ followed_streams }) => count(followed_streams) },
            { name: 'Memory', numeric: true, cell: ({ memory_bytes }) => bytes(memory_bytes) }, { name: 'Behind', numeric: true, cell: ({ lag_ms }) => span(lag_ms) },
            { name: 'Heard', cell: ({ heard_ms_ago, this_node }) => (this_node ? <span class="muted">itself</span> : `${span(heard_ms_ago)} ago`) }, { name: 'Started', cell: ({ started_ms, version }) => <><Time ms={started_ms} ago /> <span class="muted">{version}</span></> },
            { name: 'Its log', cell: ({ id }) => <a href={href('/logs', { node: id })}>Log</a> },
          ]}
        />
      )}
    </Screen>
  );
}
