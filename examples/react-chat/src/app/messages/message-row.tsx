import type { TimelineEntry } from '@talaria/sdk/views';
import { memo, type KeyboardEvent } from 'react';
import { Delivery } from './delivery.js';
import { MessageToolbar } from './message-toolbar.js';
import { Quote } from './quote.js';
import { Reactions } from './reactions.js';
import { ThreadLink } from './thread-link.js';
import type { Receipt } from './use-receipt.js';
import { useCast, useCommands } from '../conversation/conversation-context.js';
import { Avatar } from '../parts/avatar.js';
import { Text } from '../parts/text.js';
import { Time } from '../parts/time.js';
import { useName } from '../people/names.js';

export interface MessageRowProps {
  readonly entry: TimelineEntry;
  readonly own: boolean;
  /** The first of those that stand together. */
  readonly starts: boolean;
  /** Whether its sender is named. */
  readonly named: boolean;
  readonly receipt: Receipt['state'] | undefined;
  readonly receiptText: string | undefined;
  /** Whether the receipt stands in words below it. */
  readonly told: boolean;
  readonly active: boolean;
  /** Whether the Tab key stops here. */
  readonly stop: boolean;
  readonly flash: boolean;
  readonly onActive: (key: string, on: boolean) => void;
}

/** One message. An unchanged entry is the same object, so only what has changed is rendered again. */
export const MessageRow = memo(function MessageRow({ entry, own, starts, named, receipt, receiptText, told, active, stop, flash, onActive }: MessageRowProps) {
  const { key, message } = entry;
  const { names } = useCast();
  const member = names.get(message.sender_id ?? '');
  const former = useName(member === undefined ? message.sender_id ?? undefined : undefined);
  const sender = member ?? former;
  const keys = useMessageKeys(entry, own);
  const deleted = message.deleted_ms !== null;
  const { user_ids: mentioned, everyone } = message.mentions;
  if (message.system) return <li className="system" data-key={key} data-seq={message.seq} tabIndex={stop ? 0 : -1}><Text text={message.text} /></li>;
  return (
    <li className="message" data-key={key} data-seq={message.seq} data-own={own} data-starts={starts} data-flash={flash} data-status={entry.status} tabIndex={stop ? 0 : -1}
      onKeyDown={keys} onFocus={() => onActive(key, true)} onPointerEnter={({ pointerType }) => pointerType === 'mouse' && onActive(key, true)} onPointerLeave={({ pointerType, currentTarget }) => {
        if (pointerType === 'mouse' && !currentTarget.contains(document.activeElement)) onActive(key, false);
      }}>
      {named && (starts ? <Avatar name={sender} size="small" /> : <span className="avatar-space" />)}
      <div className="message-body">
        <span className={named && starts ? 'sender' : 'unseen'} dir="auto">{own ? 'You' : sender}</span>
        <div className={deleted ? 'bubble deleted' : 'bubble'}>
          {message.forwarded && <span className="forwarded">Forwarded</span>}
          {message.quoted_id !== null && !deleted && <Quote id={message.quoted_id} />}
          {deleted ? <p className="text">This message was deleted.</p> : <Text text={message.text} names={[...mentioned.map((id) => names.get(id) ?? ''), ...(everyone ? ['everyone'] : [])]} />}
          <span className="meta">
            {message.pinned && 'pinned · '}
            {message.edited_ms !== null && !deleted && 'edited · '}
            <Time ms={message.created_ms} />
            <Delivery status={entry.status} receipt={receipt} text={receiptText} />
          </span>
          {active && !deleted && <MessageToolbar entry={entry} own={own} />}
        </div>
        <Problem entry={entry} />
        {!deleted && <Reactions message={message} />}
        {!deleted && <ThreadLink message={message} />}
        {told && receiptText !== undefined && <span className="receipt-text">{receiptText}</span>}
      </div>
    </li>
  );
});

/** Keys of the message that has the focus. */
function useMessageKeys({ message }: TimelineEntry, own: boolean): (event: KeyboardEvent<HTMLElement>) => void {
  const { quote, openThread, edit } = useCommands();
  return (event) => {
    if (event.target !== event.currentTarget || event.ctrlKey || event.metaKey || event.altKey || message.id === '' || message.deleted_ms !== null) return;
    const { currentTarget } = event;
    switch (event.key.toLowerCase()) {
      case 'r': quote(message); break;
      case 't': openThread?.(message); break;
      case 'e': currentTarget.querySelector<HTMLElement>('.toolbar [data-react]')?.click(); break;
      case 'o': currentTarget.querySelector<HTMLElement>('button.quote')?.click(); break;
      case 'enter': if (own) edit(message); break;
      default: return;
    }
    event.preventDefault();
  };
}

/** What was refused can be sent again, or thrown away. */
function Problem({ entry }: { readonly entry: TimelineEntry }) {
  const { timeline: { resend, discard } } = useCommands();
  switch (entry.status) {
    case 'held': return <p className="problem">Waits for approval</p>;
    case 'rejected': return <p className="problem">Was not approved</p>;
    case 'failed': return (
      <p className="problem" role="alert">
        Not sent: {entry.error?.message ?? 'refused'} <button type="button" className="link-button" onClick={() => resend(entry)}>Try again</button> <button type="button" className="link-button" onClick={() => void discard(entry)}>Discard</button>
      </p>
    );
    case 'sending':
    case 'sent': return null;
  }
}
