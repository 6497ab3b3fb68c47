import { useDraft, useUser } from '@talaria/sdk/react';
import type { ConversationView } from '@talaria/sdk/views';
import { memo } from 'react';
import { useMe } from '../account/account-context.js';
import { Avatar } from '../parts/avatar.js';
import { Icon } from '../parts/icon.js';
import { Time } from '../parts/time.js';
import { nameOf, usePartner, useTitle } from '../people/names.js';
import { usePresenceOf } from '../people/presence-text.js';
import { hrefOf } from '../shell/route.js';

export interface ConversationRowProps {
  readonly conversation: ConversationView;
  readonly open: boolean;
  /** Whether the Tab key stops here. */
  readonly stop: boolean;
}

export const isMuted = ({ membership }: ConversationView, nowMs = Date.now()): boolean => (membership?.muted_until_ms ?? 0) > nowMs;

export const ConversationRow = memo(function ConversationRow({ conversation, open, stop }: ConversationRowProps) {
  const { id, membership, last_message: last } = conversation;
  const title = useTitle(conversation);
  const partner = usePartner(conversation);
  const presence = usePresenceOf(partner)?.state;
  const unread = membership?.unread ?? 0;
  const mentions = membership?.mentions ?? 0;
  const muted = isMuted(conversation);
  return (
    <li>
      <a className="conversation-row" href={hrefOf({ conversationId: id })} data-conversation={id} data-unread={unread > 0} data-muted={muted} aria-current={open ? 'page' : undefined} tabIndex={stop ? 0 : -1}>
        <Avatar name={title} presence={presence} />
        <span className="row-title" dir="auto">{title}</span>
        <span className="row-time">{last && <Time ms={last.created_ms} brief />}</span>
        <span className="row-text" dir="auto"><LastLine conversation={conversation} /></span>
        <span className="row-marks">
          {muted && <span className="row-mark"><Icon name="bell_off" /><span className="unseen">muted</span></span>}
          {membership?.pinned_ms != null && <span className="row-mark"><Icon name="pin" /><span className="unseen">pinned</span></span>}
          {mentions > 0 && <span className="badge mention">@<span className="unseen">{mentions} {mentions === 1 ? 'mention' : 'mentions'}</span></span>}
          {unread > 0 && <span className="badge">{unread >= 1_000 ? '999+' : unread}<span className="unseen"> unread</span></span>}
        </span>
      </a>
    </li>
  );
});

/** A draft, or what was said last. */
function LastLine({ conversation: { id, kind, last_message: last } }: { readonly conversation: ConversationView }) {
  const me = useMe();
  const draft = useDraft(id);
  const sender = useUser(last?.sender_id ?? undefined);
  if (draft.text !== '') return <><span className="draft-word">Draft: </span>{draft.text}</>;
  if (!last) return 'No messages yet';
  if (last.deleted_ms !== null) return <em>Deleted</em>;
  const by = last.sender_id === me ? 'You: ' : kind === 'direct' || last.sender_id === null ? '' : `${nameOf(sender).split(' ')[0] ?? ''}: `;
  return `${by}${last.text || (last.poll ? `Poll: ${last.poll.question}` : 'Message')}`;
}
