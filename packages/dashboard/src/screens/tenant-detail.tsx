import type { Tenant } from '@talaria/protocol/types';
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { useQuery } from '../api/use-query.js';
import { talaria } from '../format/shell.js';
import { href } from '../router/match.js';
import { useRouter } from '../router/router.js';
import { useOperator, useSession } from '../session/session.js';
import { ConfirmDialog, FormDialog } from '../ui/dialog.js';
import { TextField } from '../ui/fields.js';
import { Id } from '../ui/id.js';
import { Badge, RefusalNote, Skeleton } from '../ui/notes.js';
import { Facts, Panel, Screen } from '../ui/screen.js';
import { Time } from '../ui/time.js';
import { AppTable, NewApp } from './app-table.js';

const CRUMBS = [{ text: 'Tenants', href: href('/tenants') }];
type Open = 'rename' | 'suspend' | 'delete' | 'app' | undefined;

export function TenantDetail({ id }: { readonly id: string }): JSX.Element {
  const { may } = useOperator();
  const { place } = useRouter();
  const { data: tenant, refusal, refresh } = useQuery('tenants.get', { tenant_id: id });
  const apps = useQuery('apps.list', { tenant_id: id, limit: 50, after: place.query.get('after') ?? undefined });
  const [open, setOpen] = useState<Open>();
  const close = (): void => setOpen(undefined);
  const done = async (): Promise<void> => {
    close();
    await refresh();
  };
  const active = tenant?.status === 'active';
  return (
    <Screen
      title={tenant?.name ?? 'Tenant'} crumbs={CRUMBS} command={talaria('tenant show', [id])} badge={tenant && <Badge kind={active ? 'good' : 'warn'}>{tenant.status}</Badge>}
      actions={tenant && <>
        {may('tenants.update') && <button type="button" class="button" onClick={() => setOpen('rename')}>Rename</button>}
        {may('tenants.update') && <button type="button" class="button" onClick={() => setOpen('suspend')}>{active ? 'Suspend' : 'Resume'}</button>}
        {may('tenants.delete') && !active && <button type="button" class="button danger" onClick={() => setOpen('delete')}>Delete</button>}
      </>}
    >
      {refusal && <RefusalNote refusal={refusal} retry={() => void refresh()} />}
      {!refusal && (
        <Panel title="Tenant">
          {tenant ? <Facts rows={[['Id', <Id id={tenant.id} full />], ['Made', <Time ms={tenant.created_ms} />], ['Database', tenant.database_url === null ? 'of the installation' : <code>{tenant.database_url}</code>]]} /> : <Skeleton />}
        </Panel>
      )}
      <Panel title="Apps" actions={tenant && may('apps.create') && <button type="button" class="button" onClick={() => setOpen('app')}>New app</button>}><AppTable query={apps} /></Panel>
      {tenant && open === 'rename' && <Rename tenant={tenant} onClose={close} onDone={done} />}
      {tenant && open === 'suspend' && <Suspend tenant={tenant} onClose={close} onDone={done} />}
      {tenant && open === 'delete' && <Delete tenant={tenant} onClose={close} />}
      {open === 'app' && <NewApp tenant={id} onClose={close} />}
    </Screen>
  );
}

interface Props {
  readonly tenant: Tenant;
  readonly onClose: () => void;
  readonly onDone: () => Promise<void>;
}

function Rename({ tenant, onClose, onDone }: Props): JSX.Element {
  const { ask } = useSession();
  const [name, setName] = useState(tenant.name);
  const rename = async (): Promise<void> => {
    await ask('tenants.update', { tenant_id: tenant.id, name });
    await onDone();
  };
  return (
    <FormDialog title="Rename the tenant" action="Rename" onClose={onClose} onSubmit={rename} command={talaria('tenant update', [tenant.id], { name })}>
      <TextField label="Name" value={name} onInput={setName} required autoFocus maxLength={128} />
    </FormDialog>
  );
}

function Suspend({ tenant, onClose, onDone }: Props): JSX.Element {
  const { ask } = useSession();
  const active = tenant.status === 'active';
  const change = async (): Promise<void> => {
    await ask('tenants.update', { tenant_id: tenant.id, status: active ? 'suspended' : 'active' });
    await onDone();
  };
  if (!active) {
    return (
      <FormDialog title="Resume the tenant" action="Resume" onClose={onClose} onSubmit={change} command={talaria('tenant resume', [tenant.id])}>
        <p>Its apps answer again, and its users can connect.</p>
      </FormDialog>
    );
  }
  return (
    <ConfirmDialog title="Suspend the tenant" action="Suspend" typed={tenant.name} onClose={onClose} onSubmit={change} command={talaria('tenant suspend', [tenant.id])}>
      <p>Its apps refuse everybody, and its users are disconnected, until it is resumed. Nothing is deleted.</p>
    </ConfirmDialog>
  );
}

function Delete({ tenant, onClose }: Omit<Props, 'onDone'>): JSX.Element {
  const { ask } = useSession();
  const { go } = useRouter();
  const remove = async (): Promise<void> => {
    await ask('tenants.delete', { tenant_id: tenant.id });
    go(href('/tenants'));
  };
  return (
    <ConfirmDialog title="Delete the tenant" action="Delete for good" typed={tenant.name} onClose={onClose} onSubmit={remove} command={talaria('tenant delete', [tenant.id], { yes: true })}>
      <p>All of its apps, users, conversations and keys are deleted. This cannot be taken back.</p>
    </ConfirmDialog>
  );
}
