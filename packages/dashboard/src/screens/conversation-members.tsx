import type { Conversation } from '@talaria/protocol/types';
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { useNames } from '../api/use-names.js';
import { useQuery } from '../api/use-query.js';
import { count } from '../format/numbers.js';
import { talaria } from '../format/shell.js';
import { useRouter } from '../router/router.js';
import { useOperator, useSession } from '../session/session.js';
import { ConfirmDialog } from '../ui/dialog.js';
import { Badge, Empty } from '../ui/notes.js';
import { PagedTable } from '../ui/table.js';
import { Time } from '../ui/time.js';
import { User } from '../ui/user.js';

export interface ConversationMembersProps {
  readonly app: string;
  readonly conversation: Conversation;
  readonly refresh: () => Promise<void>;
}

export function ConversationMembers({ app, conversation: { id, kind }, refresh }: ConversationMembersProps): JSX.Element {
  const { ask } = useSession();
  const { may } = useOperator();
  const { place } = useRouter();
  const query = useQuery('members.list', { conversation_id: id, limit: 50, after: place.query.get('after') ?? undefined }, { app });
  const names = useNames(app, (query.data?.items ?? []).map(({ user_id }) => user_id));
  const [removing, setRemoving] = useState<string>();
  const remove = async (user: string): Promise<void> => {
    await ask('members.remove', { conversation_id: id, user_id: user }, { app });
    setRemoving(undefined);
    await Promise.all([query.refresh(), refresh()]);
  };
  return (
    <>
      <PagedTable
        label="Members" query={query} keyOf={({ user_id }) => user_id} empty={<Empty title="Nobody is in this conversation any more." />}
        columns={[
          { name: 'User', cell: ({ user_id }) => <User id={user_id} app={app} names={names} /> }, { name: 'Role', cell: ({ role }) => <Badge>{role}</Badge> },
          { name: 'Joined', cell: ({ joined_ms }) => <Time ms={joined_ms} /> }, { name: 'At fact', numeric: true, cell: ({ joined_seq }) => count(joined_seq) },
          { name: 'Actions', cell: ({ user_id }) => (may('members.remove') && kind !== 'direct' ? <button type="button" class="button small danger" onClick={() => setRemoving(user_id)}>Remove</button> : null) },
        ]}
      />
      {removing !== undefined && (
        <ConfirmDialog title="Remove from the conversation" action="Remove" typed={names.get(removing) ?? removing} onClose={() => setRemoving(undefined)} onSubmit={() => remove(removing)} command={talaria('conversation remove', [id, removing])}>
          <p>{names.get(removing) ?? removing} sees nothing of the conversation from then on, and keeps what they saw.</p>
        </ConfirmDialog>
      )}
    </>
  );
}
