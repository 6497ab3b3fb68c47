import { appScopes } from '@talaria/protocol/operators';
import type { Key } from '@talaria/protocol/types';
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { useQuery } from '../api/use-query.js';
import { talaria } from '../format/shell.js';
import { useRouter } from '../router/router.js';
import { useOperator } from '../session/session.js';
import { Id } from '../ui/id.js';
import { Badge, Empty } from '../ui/notes.js';
import { Screen } from '../ui/screen.js';
import { PagedTable } from '../ui/table.js';
import { MaybeTime, Time } from '../ui/time.js';
import { AppScreen } from './app-screen.js';
import { NewKey, RevokeKey, RotateKey } from './key-dialogs.js';

const LIMIT = 50;
type Open = { readonly kind: 'new' } | { readonly kind: 'rotate' | 'revoke'; readonly key: Key } | undefined;

export function AppKeys({ app }: { readonly app: string }): JSX.Element {
  return <KeyScreen app={app} />;
}

export function InstallationKeys(): JSX.Element {
  return <KeyScreen />;
}

/** Keys of an app, or all of the installation. */
function KeyScreen({ app }: { readonly app?: string }): JSX.Element {
  const { may, signedIn } = useOperator();
  const { place } = useRouter();
  const after = place.query.get('after') ?? undefined;
  const query = useQuery('keys.list', { app_id: app, limit: LIMIT, after });
  const [open, setOpen] = useState<Open>();
  const marked = place.query.get('key');
  /** An admin key does whatever an owner may. */
  const mayTouch = (key: Key): boolean => key.revoked_ms === null && (key.app_id !== null || signedIn.operator.role === 'owner');
  const mayMake = may('keys.create') && (app !== undefined || signedIn.operator.role === 'owner');
  const close = (): void => {
    setOpen(undefined);
    void query.refresh();
  };
  const screen = {
    title: 'Keys', command: talaria('key list', [], { app, limit: LIMIT, after }),
    actions: mayMake && <button type="button" class="button primary" onClick={() => setOpen({ kind: 'new' })}>{app === undefined ? 'New admin key' : 'New key'}</button>,
  };
  const children = (
    <>
      <PagedTable
        label="Keys" query={query} keyOf={({ id }) => id} selected={({ id }) => id === marked}
        empty={<Empty title="There is no key yet.">By a key a backend asks for what the app may. It belongs on servers only.</Empty>}
        columns={[
          { name: 'Name', cell: ({ name, prefix }) => <><strong>{name || <span class="muted">no name</span>}</strong> <code class="muted">{prefix}</code></> },
          { name: 'Id', cell: ({ id }) => <Id id={id} app={app} /> },
          ...(app === undefined ? [{ name: 'Of', cell: ({ app_id }: Key) => (app_id === null ? <Badge kind="warn">admin</Badge> : <Id id={app_id} />) }] : []),
          { name: 'Scopes', cell: ({ scopes }) => <Scopes scopes={scopes} /> },
          { name: 'State', cell: stateOf }, { name: 'Last used', cell: ({ last_used_ms }) => <MaybeTime ms={last_used_ms} ago /> }, { name: 'Made', cell: ({ created_ms }) => <Time ms={created_ms} ago /> },
          {
            name: 'Actions', cell: (key) => (mayTouch(key) ? (
              <span class="buttons">
                {may('keys.rotate') && <button type="button" class="button small" onClick={() => setOpen({ kind: 'rotate', key })}>Rotate</button>}
                {may('keys.revoke') && <button type="button" class="button small danger" onClick={() => setOpen({ kind: 'revoke', key })}>Revoke</button>}
              </span>
            ) : null),
          },
        ]}
      />
      {open?.kind === 'new' && <NewKey app={app} onClose={close} />}
      {open?.kind === 'rotate' && <RotateKey subject={open.key} onClose={close} />}
      {open?.kind === 'revoke' && <RevokeKey subject={open.key} onClose={close} />}
    </>
  );
  return app === undefined ? <Screen {...screen}>{children}</Screen> : <AppScreen app={app} {...screen}>{children}</AppScreen>;
}

function Scopes({ scopes }: { readonly scopes: Key['scopes'] }): JSX.Element {
  if (scopes.length === appScopes.length && appScopes.every((scope) => scopes.includes(scope))) return <span title={scopes.join(', ')}>all of an app</span>;
  return <span class="scopes">{scopes.map((scope) => <Badge key={scope}>{scope}</Badge>)}</span>;
}

function stateOf({ revoked_ms, expires_ms }: Key): JSX.Element {
  if (revoked_ms !== null) return <><Badge kind="bad">revoked</Badge> <Time ms={revoked_ms} ago /></>;
  if (expires_ms === null) return <Badge kind="good">good</Badge>;
  return expires_ms <= Date.now() ? <><Badge kind="bad">expired</Badge> <Time ms={expires_ms} ago /></> : <><Badge kind="good">good</Badge> ends <Time ms={expires_ms} ago /></>;
}
