import type { JSX } from 'preact';
import { useNames } from '../api/use-names.js';
import { useNodes } from '../api/use-nodes.js';
import { useQuery } from '../api/use-query.js';
import { count } from '../format/numbers.js';
import { talaria } from '../format/shell.js';
import { ms, wayRows, type WayRow } from '../insight/way.js';
import { href } from '../router/match.js';
import { Bar } from '../ui/bar.js';
import { Command } from '../ui/command.js';
import { Id } from '../ui/id.js';
import { Missing, Node } from '../ui/node.js';
import { RefusalNote, Skeleton } from '../ui/notes.js';
import { Facts, Panel } from '../ui/screen.js';
import { Table } from '../ui/table.js';
import { Time } from '../ui/time.js';
import { User } from '../ui/user.js';

/** The way of a message: when it was committed and acked, how it came to each node, and to whom it was written. */
export function MessageWay({ app, id }: { readonly app: string; readonly id: string }): JSX.Element {
  const { data, refusal, refresh } = useQuery('traces.get', { message_id: id, app_id: app });
  const rows = data && wayRows(data);
  const names = useNames(app, (rows ?? []).map(({ user }) => user));
  // What was sent before the conversation was recorded has no steps.
  const recorded = rows !== undefined && rows.length > 0;
  const last = rows?.at(-1)?.afterMs ?? 0;
  const { several } = useNodes();
  return (
    <Panel title="Its way">
      {refusal && <RefusalNote refusal={refusal} retry={() => void refresh()} />}
      {!data && !refusal && <Skeleton lines={4} />}
      <Missing nodes={data?.missing_nodes} />
      {data && <Facts rows={[['Committed', <Time ms={data.committed_ms} />], ['Position in the log of all', count(data.position)], ['Trace id', data.trace_id === '' ? <span class="muted">none</span> : <code>{data.trace_id}</code>], ['Connections that it was written to', recorded ? count(data.writes_total) : 'not recorded']]} />}
      {data && !recorded && <p class="muted">It was not recorded on its way. <a href={href(`/apps/${app}/conversations/${data.conversation_id}`, { tab: 'trace' })}>Record the conversation</a>, and its next messages are.</p>}
      {recorded && (
        <Table
          label="Steps" rows={rows} keyOf={({ key }) => key} empty={null}
          columns={[
            { name: 'After', numeric: true, cell: ({ afterMs }) => ms(afterMs) }, { name: 'What', cell: ({ what, tookMs }) => <>{what}{tookMs !== null && <span class="muted"> in {ms(tookMs)}</span>}</> },
            { name: 'When', cell: ({ afterMs, tookMs }) => <Bar from={afterMs - (tookMs ?? 0)} to={afterMs} whole={last} label={`${ms(afterMs)} of ${ms(last)}`} /> },
            { name: 'To', cell: ({ user, connection }) => (user === null ? null : <><User id={user} app={app} names={names} /> {connection !== null && <Id id={connection} />}</>) },
            ...(several ? [{ name: 'Node', cell: ({ node }: WayRow) => <Node id={node} /> }] : []),
          ]}
        />
      )}
      <Command text={talaria('trace show', [id], { app })} />
    </Panel>
  );
}
