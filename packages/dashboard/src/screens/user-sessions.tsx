import type { Session, User as UserView } from '@talaria/protocol/types';
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { useQuery } from '../api/use-query.js';
import { talaria, talariaCall } from '../format/shell.js';
import { useOperator, useSession } from '../session/session.js';
import { Command } from '../ui/command.js';
import { ConfirmDialog } from '../ui/dialog.js';
import { Id } from '../ui/id.js';
import { Empty, RefusalNote } from '../ui/notes.js';
import { Facts, Panel } from '../ui/screen.js';
import { Table } from '../ui/table.js';
import { Time } from '../ui/time.js';

/** Where a user is logged in by Talaria's own identity. */
export function UserSessions({ app, user }: { readonly app: string; readonly user: UserView }): JSX.Element {
  const { ask } = useSession();
  const { may } = useOperator();
  const account = useQuery('accounts.get', { user_id: user.id }, { app });
  const { data, refusal, refresh } = useQuery('sessions.list', { user_id: user.id }, { app });
  const [ending, setEnding] = useState<Session | 'all'>();
  const end = async (which: Session | 'all'): Promise<void> => {
    if (which === 'all') await ask('sessions.clear', { user_id: user.id }, { app });
    else await ask('sessions.revoke', { user_id: user.id, session_id: which.id }, { app });
    setEnding(undefined);
    await refresh();
  };
  return (
    <>
      <Panel title="Account">
        {account.data && <Facts rows={[['Login', account.data.login ?? 'guest'], ['Made', <Time ms={account.data.created_ms} />], ['Changed', <Time ms={account.data.changed_ms} />]]} />}
        {account.refusal && (account.refusal.code === 'not_found' ? <p class="muted">The user has no account of Talaria's own identity.</p> : <RefusalNote refusal={account.refusal} retry={() => void account.refresh()} />)}
      </Panel>
      <Panel title="Sessions" actions={may('sessions.clear') && data && data.items.length > 0 && <button type="button" class="button danger" onClick={() => setEnding('all')}>End all</button>}>
        {refusal && <RefusalNote refusal={refusal} retry={() => void refresh()} />}
        {(data || !refusal) && (
          <Table
            label="Sessions" rows={data?.items} keyOf={({ id }) => id} empty={<Empty title="No session.">Sessions are of Talaria's own identity. Tokens that your backend mints have none.</Empty>}
            columns={[
              { name: 'Session', cell: ({ id }) => <Id id={id} /> }, { name: 'Device', cell: ({ device_name, device_id }) => <>{device_name || <span class="muted">not named</span>} <code class="muted">{device_id}</code></> },
              { name: 'Began', cell: ({ created_ms }) => <Time ms={created_ms} /> }, { name: 'Used', cell: ({ used_ms }) => <Time ms={used_ms} ago /> }, { name: 'Ends', cell: ({ expires_ms }) => <Time ms={expires_ms} ago /> },
              { name: 'Actions', cell: (session) => (may('sessions.revoke') ? <button type="button" class="button small danger" onClick={() => setEnding(session)}>End</button> : null) },
            ]}
          />
        )}
        <Command text={talaria('user sessions', [user.id])} />
      </Panel>
      {ending !== undefined && (
        <ConfirmDialog
          title={ending === 'all' ? 'End all sessions' : 'End the session'} action="End" onClose={() => setEnding(undefined)} onSubmit={() => end(ending)}
          {...(ending === 'all' && { typed: user.name || user.external_id })}
          command={ending === 'all' ? talariaCall('sessions.clear', { user_id: user.id }) : talaria('user end-session', [user.id, ending.id])}
        >
          <p>{ending === 'all' ? 'The user is logged out everywhere.' : 'Its tokens are revoked, and its connections closed.'}</p>
        </ConfirmDialog>
      )}
    </>
  );
}
