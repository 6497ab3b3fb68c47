import type { JSX } from 'preact';
import { useQuery } from '../api/use-query.js';
import { bytes, count, span } from '../format/numbers.js';
import { talaria } from '../format/shell.js';
import { Badge, Empty, RefusalNote, Skeleton } from '../ui/notes.js';
import { Facts, Panel, Screen } from '../ui/screen.js';
import { Table } from '../ui/table.js';
import { Time } from '../ui/time.js';

const EVERY_MS = 5_000;

/** How the installation is now. */
export function Overview(): JSX.Element {
  const status = useQuery('status.get', {}, { everyMs: EVERY_MS });
  const cluster = useQuery('cluster.get', {}, { everyMs: EVERY_MS });
  const { data } = status;
  return (
    <Screen title="Overview" command={talaria('status')} badge={data && <Badge kind={data.ready ? 'good' : 'bad'}>{data.ready ? 'ready' : 'not ready'}</Badge>}>
      {status.refusal && <RefusalNote refusal={status.refusal} retry={() => void status.refresh()} />}
      <Panel title="The node that answers">
        {data ? (
          <Facts rows={[
            ['Version', data.version], ['Up for', span(data.uptime_s * 1_000)], ['Connections', count(data.connections)], ['Streams followed', count(data.followed_streams)],
            ['Position of the log', count(data.position)], ['Memory', bytes(data.memory_bytes)], ['Storage', data.storage], ['Transport', data.transport],
          ]} />
        ) : <Skeleton lines={4} />}
      </Panel>
      <Panel title="Nodes">
        {cluster.refusal && <RefusalNote refusal={cluster.refusal} retry={() => void cluster.refresh()} />}
        <Table
          label="Nodes" rows={cluster.data?.nodes} keyOf={({ id }) => id} empty={<Empty title="No node is heard of." />}
          columns={[
            { name: 'Node', cell: (node) => <><code>{node.id}</code>{node.this_node && <> <Badge>answers</Badge></>}</> }, { name: 'Address', cell: (node) => <code>{node.host}:{node.port}</code> },
            { name: 'State', cell: (node) => <Badge kind={node.ready ? 'good' : 'bad'}>{node.ready ? 'ready' : 'not ready'}</Badge> },
            { name: 'Connections', numeric: true, cell: (node) => count(node.connections) }, { name: 'Memory', numeric: true, cell: (node) => bytes(node.memory_bytes) },
            { name: 'Behind', numeric: true, cell: (node) => span(node.lag_ms) }, { name: 'Started', cell: (node) => <Time ms={node.started_ms} ago /> },
          ]}
        />
      </Panel>
    </Screen>
  );
}
