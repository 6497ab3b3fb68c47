import { useClient, useTyping } from '@talaria/sdk/react';
import { useState } from 'react';
import { Details } from './details.js';
import { useOpened } from './conversation-context.js';
import { isMuted } from '../inbox/conversation-row.js';
import { Avatar } from '../parts/avatar.js';
import { IconButton } from '../parts/icon.js';
import { Menu } from '../parts/menu.js';
import { useAttempt } from '../parts/notices.js';
import { usePartner, useTitle } from '../people/names.js';
import { presenceText, usePresenceOf } from '../people/presence-text.js';
import { go } from '../shell/route.js';

const MUTE_MS = 8 * 3_600_000;

export function ConversationHead() {
  const conversation = useOpened();
  const { id, kind, member_count: count } = conversation;
  const title = useTitle(conversation);
  const partner = usePartner(conversation);
  const presence = usePresenceOf(partner);
  const client = useClient();
  const { users } = useTyping(id);
  const [details, setDetails] = useState(false);
  const status = kind === 'direct' ? presenceText(presence, client?.now() ?? Date.now()) : `${count} ${count === 1 ? 'member' : 'members'}`;
  return (
    <header className="conversation-head">
      <IconButton icon="back" label="Back to your conversations" className="back" onClick={() => go({})} />
      <Avatar name={title} presence={presence?.state} />
      <button type="button" className="conversation-title" onClick={() => setDetails(true)}>
        <h1 dir="auto">{title}</h1>
        <span className="muted">{users.length > 0 && kind === 'direct' ? 'typing…' : status}</span>
      </button>
      <ConversationMenu onDetails={() => setDetails(true)} />
      {details && <Details title={title} onClose={() => setDetails(false)} />}
    </header>
  );
}

/** What the user chooses for themselves, on all of their devices. */
function ConversationMenu({ onDetails }: { readonly onDetails: () => void }) {
  const conversation = useOpened();
  const { id, kind, membership } = conversation;
  const client = useClient();
  const attempt = useAttempt();
  const choose = (preferences: { readonly pinned?: boolean; readonly archived?: boolean; readonly muted_until_ms?: number | null }): void => {
    if (client) attempt(client.command('conversations.preferences', { conversation_id: id, ...preferences }));
  };
  const pinned = membership?.pinned_ms != null;
  const muted = isMuted(conversation);
  const archived = membership?.archived_ms != null;
  return (
    <Menu label="More about this conversation" items={[
      { icon: 'group', label: kind === 'direct' ? 'Details' : 'Members', run: onDetails },
      { icon: 'pin', label: pinned ? 'Unpin' : 'Pin to the top', run: () => choose({ pinned: !pinned }) },
      { icon: 'bell_off', label: muted ? 'Unmute' : 'Mute for 8 hours', run: () => choose({ muted_until_ms: muted ? null : Date.now() + MUTE_MS }) },
      { icon: 'archive', label: archived ? 'Back from the archive' : 'Archive', run: () => choose({ archived: !archived }) },
      ...(kind === 'direct' ? [] : [{
        icon: 'leave' as const, label: 'Leave', danger: true, run: () => {
          if (client) attempt(client.command('members.remove', { conversation_id: id, user_id: 'me' }).then(() => go({})));
        },
      }]),
    ]} />
  );
}
