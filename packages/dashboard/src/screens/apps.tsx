import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { useQuery } from '../api/use-query.js';
import { talaria } from '../format/shell.js';
import { useQueryValue, useRouter } from '../router/router.js';
import { useOperator } from '../session/session.js';
import { SelectField } from '../ui/fields.js';
import { Screen } from '../ui/screen.js';
import { AppTable, NewApp } from './app-table.js';

const LIMIT = 50;

export function Apps(): JSX.Element {
  const { may } = useOperator();
  const { place } = useRouter();
  const [tenant, setTenant] = useQueryValue('tenant');
  const after = place.query.get('after') ?? undefined;
  const tenants = useQuery('tenants.list', { limit: 100 });
  const query = useQuery('apps.list', { limit: LIMIT, after, tenant_id: tenant || undefined });
  const [creating, setCreating] = useState(false);
  const options = [['', 'All'], ...(tenants.data?.items ?? []).map(({ id, name }) => [id, name] as const)] as const;
  return (
    <Screen
      title="Apps" command={talaria('app list', [], { limit: LIMIT, tenant: tenant || undefined, after })}
      actions={may('apps.create') && <button type="button" class="button primary" onClick={() => setCreating(true)}>New app</button>}
    >
      <div class="filters"><SelectField label="Tenant" value={tenant} onChange={setTenant} options={options} /></div>
      <AppTable query={query} tenants />
      {creating && <NewApp onClose={() => setCreating(false)} />}
    </Screen>
  );
}
