import type { Connection } from '@talaria/protocol/types';
import type { JSX } from 'preact';
import { useNames } from '../api/use-names.js';
import { useNodes } from '../api/use-nodes.js';
import { useQuery } from '../api/use-query.js';
import { bytes, count } from '../format/numbers.js';
import { talaria } from '../format/shell.js';
import { href } from '../router/match.js';
import { useQueryValue, useRouter } from '../router/router.js';
import { SelectField, TextField } from '../ui/fields.js';
import { Id } from '../ui/id.js';
import { Missing, Node } from '../ui/node.js';
import { Badge, Empty } from '../ui/notes.js';
import { Screen } from '../ui/screen.js';
import { PagedTable } from '../ui/table.js';
import { Time } from '../ui/time.js';
import { User } from '../ui/user.js';

const LIMIT = 50;
const EVERY_MS = 5_000;

/** Who is connected, on all nodes. */
export function Connections(): JSX.Element {
  const { place } = useRouter();
  const [app, setApp] = useQueryValue('app');
  const [user, setUser] = useQueryValue('user');
  const [address, setAddress] = useQueryValue('address');
  const [agent, setAgent] = useQueryValue('agent');
  const [node, setNode] = useQueryValue('node');
  const after = place.query.get('after') ?? undefined;
  const apps = useQuery('apps.list', { limit: 100 });
  const nodes = useNodes(node);
  const typed = { replace: true };
  const filters = { user: user || undefined, address: address || undefined, agent: agent || undefined, node: node || undefined };
  const query = useQuery('connections.list', { app_id: app || undefined, user_id: filters.user, address: filters.address, agent: filters.agent, node: filters.node, limit: LIMIT, after }, { everyMs: EVERY_MS });
  // Names are asked for by app: of one they are known.
  const inApps = new Set((query.data?.items ?? []).map(({ app_id }) => app_id));
  const [only] = inApps.size === 1 ? inApps : [];
  const names = useNames(only ?? '', only === undefined ? [] : (query.data?.items ?? []).map(({ user_id }) => user_id));
  const filtered = app !== '' || Object.values(filters).some((value) => value !== undefined);
  return (
    <Screen title="Connections" command={talaria('connections list', [], { app: app || undefined, ...filters, limit: LIMIT, after })}>
      <div class="filters">
        <SelectField label="App" value={app} onChange={setApp} options={[['', 'All'], ...(apps.data?.items ?? []).map(({ id, name }) => [id, name] as const)]} />
        <TextField label="User" placeholder="u_… or ext:…" value={user} onInput={(value) => setUser(value, typed)} />
        <TextField label="Address begins" value={address} onInput={(value) => setAddress(value, typed)} />
        <TextField label="Client begins" value={agent} onInput={(value) => setAgent(value, typed)} />
        {nodes.several && <SelectField label="Node" value={node} onChange={setNode} options={nodes.options} />}
      </div>
      <Missing nodes={query.data?.missing_nodes} />
      <PagedTable
        label="Connections" query={query} keyOf={({ id }) => id} empty={<Empty title={filtered ? 'No connection is like that.' : 'Nobody is connected.'} />}
        columns={[
          { name: 'Connection', cell: ({ id, node: on }) => (nodes.several ? <span class="client"><Id id={id} /><span class="small muted">on <Node id={on} /></span></span> : <Id id={id} />) }, ...(app === '' ? [{ name: 'App', cell: ({ app_id }: Connection) => <a href={href(`/apps/${app_id}`)} title={app_id}>{apps.data?.items.find(({ id }) => id === app_id)?.name ?? app_id}</a> }] : []),
          { name: 'User', cell: ({ user_id, app_id }) => <User id={user_id} app={app_id} names={names} /> }, { name: 'Client', cell: clientOf },
          { name: 'Address', cell: (one) => <code>{one.address}</code> }, { name: 'State', cell: connectionState }, { name: 'Streams', numeric: true, cell: ({ followed }) => count(followed) },
          { name: 'Buffered', numeric: true, cell: ({ buffered_bytes }) => bytes(buffered_bytes) }, { name: 'Since', cell: ({ opened_ms }) => <Time ms={opened_ms} ago /> },
        ]}
      />
    </Screen>
  );
}

/** The client's name, and its device below it. */
export function clientOf({ agent, device_id }: Pick<Connection, 'agent' | 'device_id'>): JSX.Element {
  return <span class="client"><span>{agent}</span>{device_id !== null && <code class="muted small" title={device_id}>{device_id}</code>}</span>;
}

export function connectionState({ slow, behind, away }: Pick<Connection, 'slow' | 'behind' | 'away'>): JSX.Element {
  if (slow) return <Badge kind="bad">slow</Badge>;
  if (behind > 0) return <Badge kind="warn">catching up</Badge>;
  return away ? <Badge>away</Badge> : <Badge kind="good">live</Badge>;
}
