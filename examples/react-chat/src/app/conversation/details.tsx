import { useClient, useMembers, usePresence } from '@talaria/sdk/react';
import type { UserView } from '@talaria/sdk/views';
import { useMemo, useState } from 'react';
import { useOpened } from './conversation-context.js';
import { useMe } from '../account/account-context.js';
import { Avatar } from '../parts/avatar.js';
import { Dialog } from '../parts/dialog.js';
import { useAttempt } from '../parts/notices.js';
import { useNames } from '../people/names.js';
import { PeoplePicker } from '../people/people-picker.js';
import { presenceText } from '../people/presence-text.js';
import { go } from '../shell/route.js';

/** Presence is watched of so many at once. */
const WATCHED = 100;

/** Who is in a conversation, and who of them is there. */
export function Details({ title, onClose }: { readonly title: string; readonly onClose: () => void }) {
  const { id, kind, membership } = useOpened();
  const me = useMe();
  const client = useClient();
  const attempt = useAttempt();
  const { members, hasMore, loading, error, loadMore } = useMembers(id, { page: 200 });
  const ids = useMemo(() => members.map(({ user_id: userId }) => userId), [members]);
  const names = useNames(ids);
  const presence = usePresence(useMemo(() => ids.slice(0, WATCHED), [ids]));
  const mayAdd = kind !== 'direct' && ['owner', 'admin'].includes(membership?.role ?? '');
  const write = (userId: string): void => {
    onClose();
    if (client) attempt(client.conversations.create({ kind: 'direct', members: [userId] }).then(({ id: direct }) => go({ conversationId: direct })));
  };
  return (
    <Dialog title={title} onClose={onClose}>
      {error && <p role="alert">{error.message}</p>}
      {loading === 'first' && <p className="muted">Loading…</p>}
      <ul className="members" aria-label="Members">
        {members.map(({ user_id: userId, role }) => (
          <li key={userId} className="member">
            <Avatar name={names.get(userId) ?? ''} presence={presence.get(userId)?.state} />
            <span className="member-name" dir="auto">{names.get(userId)}{userId === me && <span className="muted"> (you)</span>}</span>
            <span className="muted">{presenceText(presence.get(userId), client?.now() ?? Date.now())}</span>
            {role !== 'member' && kind !== 'direct' && <span className="tag">{role}</span>}
            {userId !== me && kind !== 'direct' && <button type="button" className="link-button" onClick={() => write(userId)} aria-label={`Write to ${names.get(userId) ?? ''}`}>Write</button>}
          </li>
        ))}
      </ul>
      {hasMore && <button type="button" className="button plain wide" onClick={() => void loadMore()}>More members</button>}
      {mayAdd && <AddMembers conversationId={id} members={new Set(ids)} />}
    </Dialog>
  );
}

function AddMembers({ conversationId, members }: { readonly conversationId: string; readonly members: ReadonlySet<string> }) {
  const client = useClient();
  const attempt = useAttempt();
  const [chosen, setChosen] = useState<readonly UserView[]>([]);
  return (
    <section className="picker">
      <h3>Add people</h3>
      <PeoplePicker chosen={chosen} onChosen={setChosen} except={members} />
      <div className="dialog-actions">
        <button type="button" className="button" disabled={chosen.length === 0} onClick={() => {
          if (client) attempt(client.command('members.add', { conversation_id: conversationId, member_ids: chosen.map(({ id }) => id) }));
          setChosen([]);
        }}>Add</button>
      </div>
    </section>
  );
}
