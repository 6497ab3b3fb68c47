import type { JSX } from 'preact';
import { useQuery } from '../api/use-query.js';
import { count, span } from '../format/numbers.js';
import { talaria } from '../format/shell.js';
import { useQueryValue } from '../router/router.js';
import { SelectField } from '../ui/fields.js';
import { Missing, Node } from '../ui/node.js';
import { Badge, Empty, RefusalNote } from '../ui/notes.js';
import { Screen } from '../ui/screen.js';
import { Table } from '../ui/table.js';
import { Time } from '../ui/time.js';

const EVERY_MS = 5_000;

/** What works on the log, and how far it is. */
export function Consumers(): JSX.Element {
  const [tenant, setTenant] = useQueryValue('tenant');
  const tenants = useQuery('tenants.list', { limit: 100 });
  const own = (tenants.data?.items ?? []).filter(({ database_url }) => database_url !== null);
  const { data, refusal, refresh } = useQuery('consumers.list', { tenant_id: tenant || undefined }, { everyMs: EVERY_MS });
  return (
    <Screen title="Consumers" command={talaria('consumers', [], { tenant: tenant || undefined })}>
      {(own.length > 0 || tenant !== '') && <div class="filters"><SelectField label="Database" value={tenant} onChange={setTenant} options={[['', 'Of the installation'], ...own.map(({ id, name }) => [id, name] as const)]} /></div>}
      {refusal && <RefusalNote refusal={refusal} retry={() => void refresh()} />}
      <Missing nodes={data?.missing_nodes} />
      {(data || !refusal) && (
        <Table
          label="Consumers" rows={data?.items} keyOf={({ name }) => name} empty={<Empty title="Nothing has worked on the log yet." />}
          columns={[
            { name: 'Consumer', cell: ({ name }) => <strong>{name}</strong> }, { name: 'State', cell: ({ failures, lag_ms, dead_letters }) => <><Badge kind={failures > 0 ? 'bad' : lag_ms > 180_000 ? 'warn' : 'good'}>{failures > 0 ? 'failing' : lag_ms > 180_000 ? 'behind' : 'good'}</Badge> {dead_letters > 0 && <Badge kind="bad">{dead_letters} given up</Badge>}</> },
            { name: 'Behind', numeric: true, cell: ({ lag, lag_ms }) => (lag === 0 ? 'nothing' : `${count(lag)} facts, ${span(lag_ms)}`) }, { name: 'Position', numeric: true, cell: ({ position }) => count(position) }, { name: 'Head', numeric: true, cell: ({ head }) => count(head) },
            { name: 'Node', cell: ({ node }) => (node === null ? <span class="muted">none now</span> : <Node id={node} />) },
            { name: 'Last error', cell: ({ last_error, last_error_ms }) => (last_error === null ? <span class="muted">none</span> : <>{last_error} {last_error_ms !== null && <Time ms={last_error_ms} ago />}</>) },
          ]}
        />
      )}
    </Screen>
  );
}
