import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { useQuery } from '../api/use-query.js';
import { talaria } from '../format/shell.js';
import { href } from '../router/match.js';
import { useRouter } from '../router/router.js';
import { useOperator, useSession } from '../session/session.js';
import { FormDialog } from '../ui/dialog.js';
import { TextField } from '../ui/fields.js';
import { Id } from '../ui/id.js';
import { Badge, Empty } from '../ui/notes.js';
import { Screen } from '../ui/screen.js';
import { PagedTable } from '../ui/table.js';
import { Time } from '../ui/time.js';

const LIMIT = 50;

export function Tenants(): JSX.Element {
  const { may } = useOperator();
  const { place } = useRouter();
  const after = place.query.get('after') ?? undefined;
  const query = useQuery('tenants.list', { limit: LIMIT, after });
  const [creating, setCreating] = useState(false);
  const create = may('tenants.create') && <button type="button" class="button primary" onClick={() => setCreating(true)}>New tenant</button>;
  return (
    <Screen title="Tenants" command={talaria('tenant list', [], { limit: LIMIT, after })} actions={create}>
      <PagedTable
        label="Tenants" query={query} keyOf={({ id }) => id}
        empty={<Empty title="There is no tenant yet.">A tenant is a customer: it has apps, and nothing of one is visible to another.</Empty>}
        columns={[
          { name: 'Name', cell: ({ id, name }) => <a class="main" href={href(`/tenants/${id}`)}>{name}</a> }, { name: 'Id', cell: ({ id }) => <Id id={id} /> },
          { name: 'State', cell: ({ status }) => <Badge kind={status === 'active' ? 'good' : 'warn'}>{status}</Badge> },
          { name: 'Database', cell: ({ database_url }) => (database_url === null ? <span class="muted">of the installation</span> : <code>{database_url}</code>) }, { name: 'Made', cell: ({ created_ms }) => <Time ms={created_ms} /> },
        ]}
      />
      {creating && <NewTenant onClose={() => setCreating(false)} />}
    </Screen>
  );
}

function NewTenant({ onClose }: { readonly onClose: () => void }): JSX.Element {
  const { ask } = useSession();
  const { go } = useRouter();
  const [name, setName] = useState('');
  const [database, setDatabase] = useState('');
  const create = async (): Promise<void> => {
    const { id } = await ask('tenants.create', { name, ...(database !== '' && { database_url: database }) });
    go(href(`/tenants/${id}`));
  };
  return (
    <FormDialog title="New tenant" action="Make the tenant" onClose={onClose} onSubmit={create} command={talaria('tenant create', [name || 'Name'], { 'database-url': database === '' ? undefined : '-' })}>
      <TextField label="Name" value={name} onInput={setName} required autoFocus maxLength={128} />
      <TextField label="Database of its own" hint="A Postgres for this tenant alone; empty: the one of the installation. It is shown without its password from then on." value={database} onInput={setDatabase} placeholder="postgres://…" />
    </FormDialog>
  );
}
