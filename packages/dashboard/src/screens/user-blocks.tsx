import type { User as UserView } from '@talaria/protocol/types';
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { useNames } from '../api/use-names.js';
import { useQuery } from '../api/use-query.js';
import { talariaCall } from '../format/shell.js';
import { useRouter } from '../router/router.js';
import { useOperator, useSession } from '../session/session.js';
import { Command } from '../ui/command.js';
import { ConfirmDialog } from '../ui/dialog.js';
import { Empty } from '../ui/notes.js';
import { Panel } from '../ui/screen.js';
import { PagedTable } from '../ui/table.js';
import { Time } from '../ui/time.js';
import { User } from '../ui/user.js';

/** Whom a user has blocked. */
export function UserBlocks({ app, user }: { readonly app: string; readonly user: UserView }): JSX.Element {
  const { ask } = useSession();
  const { may } = useOperator();
  const { place } = useRouter();
  const query = useQuery('blocks.list', { user_id: user.id, after: place.query.get('after') ?? undefined }, { app });
  const names = useNames(app, (query.data?.items ?? []).map(({ user_id }) => user_id));
  const [unblocking, setUnblocking] = useState<string>();
  const unblock = async (blocked: string): Promise<void> => {
    await ask('blocks.remove', { user_id: user.id, blocked_user_id: blocked, as_user_id: user.id }, { app });
    setUnblocking(undefined);
    await query.refresh();
  };
  return (
    <Panel title="Blocked by this user">
      <PagedTable
        label="Blocked users" query={query} keyOf={({ user_id }) => user_id} empty={<Empty title="This user has blocked nobody.">Between two of whom one has blocked the other there is no direct contact.</Empty>}
        columns={[
          { name: 'User', cell: ({ user_id }) => <User id={user_id} app={app} names={names} /> }, { name: 'Since', cell: ({ time_ms }) => <Time ms={time_ms} /> },
          { name: 'Actions', cell: ({ user_id }) => (may('blocks.remove') ? <button type="button" class="button small" onClick={() => setUnblocking(user_id)}>Unblock</button> : null) },
        ]}
      />
      <Command text={talariaCall('blocks.list', { user_id: user.id })} />
      {unblocking !== undefined && (
        <ConfirmDialog title="Unblock in the user's name" action="Unblock" onClose={() => setUnblocking(undefined)} onSubmit={() => unblock(unblocking)} command={talariaCall('blocks.remove', { user_id: user.id, blocked_user_id: unblocking, as_user_id: user.id })}>
          <p>{user.name || user.external_id} and {names.get(unblocking) ?? unblocking} can write to each other again. It is done in the name of {user.name || user.external_id}.</p>
        </ConfirmDialog>
      )}
    </Panel>
  );
}
