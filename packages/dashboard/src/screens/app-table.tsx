import type { AppsListOutput, NewApp as MadeApp } from '@talaria/protocol/types';
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { useQuery, type Query } from '../api/use-query.js';
import { talaria } from '../format/shell.js';
import { href } from '../router/match.js';
import { useRouter } from '../router/router.js';
import { useSession } from '../session/session.js';
import { FormDialog, SecretDialog } from '../ui/dialog.js';
import { SelectField, TextField } from '../ui/fields.js';
import { Id } from '../ui/id.js';
import { Empty } from '../ui/notes.js';
import { PagedTable } from '../ui/table.js';
import { Time } from '../ui/time.js';

export function AppTable({ query, tenants = false }: { readonly query: Query<AppsListOutput>; readonly tenants?: boolean }): JSX.Element {
  return (
    <PagedTable
      label="Apps" query={query} keyOf={({ id }) => id} empty={<Empty title="There is no app yet.">An app has its own users, conversations and keys.</Empty>}
      columns={[
        { name: 'Name', cell: ({ id, name }) => <a class="main" href={href(`/apps/${id}`)}>{name}</a> }, { name: 'Id', cell: ({ id }) => <Id id={id} /> },
        ...(tenants ? [{ name: 'Tenant', cell: ({ tenant_id }: AppsListOutput['items'][number]) => <Id id={tenant_id} /> }] : []),
        { name: 'Identity', cell: ({ identity, issuers }) => identityText(identity !== null, issuers.length) }, { name: 'Made', cell: ({ created_ms }) => <Time ms={created_ms} /> },
      ]}
    />
  );
}

const identityText = (own: boolean, issuers: number): string => [own && 'built in', issuers > 0 && `${issuers} ${issuers === 1 ? 'issuer' : 'issuers'}`].filter(Boolean).join(', ') || 'own backend';

/** @param tenant that it is made in; without it one is chosen */
export function NewApp({ tenant, onClose }: { readonly tenant?: string; readonly onClose: () => void }): JSX.Element {
  const { ask } = useSession();
  const { go } = useRouter();
  const tenants = useQuery('tenants.list', tenant === undefined ? { limit: 100 } : undefined);
  const [name, setName] = useState('');
  const [chosen, setChosen] = useState(tenant ?? '');
  const [made, setMade] = useState<MadeApp>();
  const owner = chosen || tenants.data?.items[0]?.id || '';
  const create = async (): Promise<void> => setMade(await ask('apps.create', { tenant_id: owner, name }));
  if (made) {
    return (
      <SecretDialog title="The app is made" secret={made.signing_secret} onClose={() => go(href(`/apps/${made.id}`))}>
        <p>This is the signing secret of {made.name}, for a backend that mints user tokens itself. <strong>It is shown only now.</strong></p>
      </SecretDialog>
    );
  }
  return (
    <FormDialog title="New app" action="Make the app" onClose={onClose} onSubmit={create} disabled={owner === ''} command={talaria('app create', [name || 'name'], { tenant: owner || undefined })}>
      {tenant === undefined && <SelectField label="Tenant" value={owner} onChange={setChosen} options={(tenants.data?.items ?? []).map((one) => [one.id, one.name])} />}
      {tenant === undefined && tenants.data?.items.length === 0 && <p>There is no tenant yet. <a href={href('/tenants')}>Make one first.</a></p>}
      <TextField label="Name" value={name} onInput={setName} required autoFocus maxLength={128} />
    </FormDialog>
  );
}
