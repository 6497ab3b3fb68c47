import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { useNames } from '../api/use-names.js';
import { useQuery } from '../api/use-query.js';
import { bytes, count } from '../format/numbers.js';
import { talaria } from '../format/shell.js';
import { href } from '../router/match.js';
import { useRouter } from '../router/router.js';
import { useOperator, useSession } from '../session/session.js';
import { ConfirmDialog } from '../ui/dialog.js';
import { CheckField, TextField } from '../ui/fields.js';
import { Id } from '../ui/id.js';
import { Node } from '../ui/node.js';
import { Badge, Empty, RefusalNote, Skeleton } from '../ui/notes.js';
import { Facts, Panel, Screen } from '../ui/screen.js';
import { Table } from '../ui/table.js';
import { MaybeTime, Time } from '../ui/time.js';
import { User } from '../ui/user.js';
import { connectionState } from './connections.js';

const EVERY_MS = 3_000;
const CRUMBS = [{ text: 'Connections', href: href('/connections') }];

/** One connection, and the streams that it follows. */
export function ConnectionDetail({ id }: { readonly id: string }): JSX.Element {
  const { may } = useOperator();
  const { data, refusal, refresh } = useQuery('connections.get', { connection_id: id }, { everyMs: EVERY_MS });
  const names = useNames(data?.app_id ?? '', data ? [data.user_id] : []);
  const [closing, setClosing] = useState(false);
  const gone = refusal?.code === 'not_found';
  return (
    <Screen
      title="Connection" crumbs={CRUMBS} command={talaria('connections show', [id])} badge={gone ? <Badge kind="bad">closed</Badge> : data && connectionState(data)}
      actions={data && !gone && may('connections.close') && <button type="button" class="button danger" onClick={() => setClosing(true)}>Close</button>}
    >
      {refusal && !gone && <RefusalNote refusal={refusal} retry={() => void refresh()} />}
      {gone && <Empty title="This connection is closed."><p>A client that comes back has another one. <a href={href('/connections', { user: data?.user_id })}>See who is connected</a></p></Empty>}
      {!data && !refusal && <Panel><Skeleton lines={6} /></Panel>}
      {data && !gone && (
        <>
          <Panel title="Connection"><Facts rows={[
            ['Id', <Id id={data.id} full />], ['App', <Id id={data.app_id} />], ['User', <User id={data.user_id} app={data.app_id} names={names} />], ['Client', data.agent], ['Device', data.device_id === null ? <span class="muted">not named</span> : <code>{data.device_id}</code>],
            ['Address', <code>{data.address}</code>], ['Node', <Node id={data.node} />], ['Frames', data.form], ['Open since', <Time ms={data.opened_ms} />], ['Answered a heartbeat', <MaybeTime ms={data.pong_ms} none="not yet" ago />],
            ['Waits for its network', bytes(data.buffered_bytes)], ['Commands on their way', count(data.in_flight)],
          ]} /></Panel>
          <Panel title="Streams">
            <Table
              label="Streams" rows={data.streams} keyOf={({ stream }) => stream} empty={<Empty title="It follows nothing." />}
              columns={[
                { name: 'Stream', cell: ({ stream }) => <Id id={stream} app={data.app_id} /> }, { name: 'State', cell: ({ state }) => <Badge kind={state === 'live' ? 'good' : 'warn'}>{state}</Badge> },
                { name: 'Has up to', numeric: true, cell: ({ cursor_seq }) => count(cursor_seq) }, { name: 'Head', numeric: true, cell: ({ head_seq }) => count(head_seq) },
              ]}
            />
          </Panel>
        </>
      )}
      {closing && <CloseConnection id={id} onClose={() => setClosing(false)} />}
    </Screen>
  );
}

function CloseConnection({ id, onClose }: { readonly id: string; readonly onClose: () => void }): JSX.Element {
  const { ask } = useSession();
  const { go } = useRouter();
  const [reason, setReason] = useState('');
  const [final, setFinal] = useState(false);
  const close = async (): Promise<void> => {
    await ask('connections.close', { connection_id: id, reason, final });
    go(href('/connections'));
  };
  return (
    <ConfirmDialog title="Close the connection" action="Close it" typed={id.slice(-5)} onClose={onClose} onSubmit={close} command={talaria('connections close', [id], { reason: reason || undefined, final })}>
      <p>{final ? 'The client is told not to come back. Its token stays valid.' : 'The client comes back by itself, and goes on where it was.'}</p>
      <TextField label="Why, for the log" value={reason} onInput={setReason} maxLength={200} />
      <CheckField label="Tell the client not to come back" checked={final} onChange={setFinal} />
    </ConfirmDialog>
  );
}
