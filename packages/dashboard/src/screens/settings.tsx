import type { JSX } from 'preact';
import { useQuery } from '../api/use-query.js';
import { talaria } from '../format/shell.js';
import { useQueryValue } from '../router/router.js';
import { TextField } from '../ui/fields.js';
import { Missing, Node } from '../ui/node.js';
import { Badge, Empty, RefusalNote } from '../ui/notes.js';
import { Screen } from '../ui/screen.js';
import { Table } from '../ui/table.js';

/** The settings that nodes run with, and where each comes from. */
export function Settings(): JSX.Element {
  const [q, setQ] = useQueryValue('q');
  const { data, refusal, refresh } = useQuery('settings.list', {});
  const rows = data?.items.filter(({ name }) => name.includes(q.trim().toLowerCase()));
  const several = new Set((data?.items ?? []).map(({ name }) => name).filter((name, at, all) => all.indexOf(name) !== at));
  return (
    <Screen title="Settings" command={talaria('settings')}>
      <div class="filters"><TextField label="Name has" value={q} onInput={(value) => setQ(value, { replace: true })} /></div>
      {refusal && <RefusalNote refusal={refusal} retry={() => void refresh()} />}
      <Missing nodes={data?.missing_nodes} />
      {(data || !refusal) && (
        <Table
          label="Settings" rows={rows} keyOf={({ name, nodes }) => `${name} ${nodes.join(' ')}`} empty={q === '' ? <Empty title="The nodes name no settings.">A server that another program runs within itself has none from a file or the environment.</Empty> : <Empty title="No setting is called that." />}
          columns={[
            { name: 'Setting', cell: ({ name }) => <><code>{name}</code> {several.has(name) && <Badge kind="warn">differs</Badge>}</> }, { name: 'Value', cell: ({ value }) => <code>{value}</code> },
            { name: 'From', cell: ({ source, from }) => <>{source === 'default' ? <span class="muted">default</span> : <><Badge>{source}</Badge> <code>{from}</code></>}</> },
            { name: 'Nodes', cell: ({ name, nodes }) => (several.has(name) ? nodes.map((id) => <Node key={id} id={id} />) : <span class="muted">all</span>) },
          ]}
        />
      )}
    </Screen>
  );
}
