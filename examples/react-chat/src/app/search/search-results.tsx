import { useClient, useConversation } from '@talaria/sdk/react';
import type { ConversationView, UserView } from '@talaria/sdk/views';
import { useRef, type KeyboardEvent, type ReactNode } from 'react';
import { useSearch, type Hit } from './use-search.js';
import { Avatar } from '../parts/avatar.js';
import { useAttempt } from '../parts/notices.js';
import { Excerpt } from '../parts/text.js';
import { Time } from '../parts/time.js';
import { nameOf, useName, useTitle } from '../people/names.js';
import { go, hrefOf } from '../shell/route.js';

export interface SearchResultsProps {
  readonly query: string;
  /** Something was chosen that is not a message: of those one often looks at several. */
  readonly onDone: () => void;
}

/** People, conversations and messages. Arrow keys move, Enter opens. */
export function SearchResults({ query, onDone }: SearchResultsProps) {
  const found = useSearch(query);
  const client = useClient();
  const attempt = useAttempt();
  const place = useRef<HTMLDivElement>(null);
  const write = (user: UserView): void => {
    if (!client) return;
    attempt(client.conversations.create({ kind: 'direct', members: [user.id] }).then(({ id }) => {
      go({ conversationId: id });
      onDone();
    }));
  };
  const move = (event: KeyboardEvent): void => {
    const links = [...place.current?.querySelectorAll('a') ?? []];
    const at = links.indexOf(document.activeElement as HTMLAnchorElement);
    if (event.key === 'ArrowDown') links[at + 1]?.focus();
    else if (event.key === 'ArrowUp') (links[at - 1] ?? document.getElementById('search'))?.focus();
    else return;
    event.preventDefault();
  };
  const { people = [], conversations = [], messages = [], error } = found ?? {};
  const count = people.length + conversations.length + messages.length;
  return (
    <div ref={place} className="scroller" onKeyDown={move}>
      <p className="unseen" role="status">{found?.query === query ? `${count} ${count === 1 ? 'result' : 'results'}` : ''}</p>
      {!found && <p className="empty">Searching…</p>}
      {error !== undefined && <p className="empty" role="alert">{error}</p>}
      {found && error === undefined && count === 0 && <div className="empty"><p>Nothing is found for “{found.query}”.</p><p className="muted">People are found by name when you share a conversation with them.</p></div>}
      <Section title="People" shown={people.length > 0}>
        {people.map((user) => (
          <li key={user.id}><a className="conversation-row person" href="#/" onClick={(event) => {
            event.preventDefault();
            write(user);
          }}><Avatar name={nameOf(user)} /><span className="row-title" dir="auto">{nameOf(user)}</span><span className="row-text">Write a message</span></a></li>
        ))}
      </Section>
      <Section title="Conversations" shown={conversations.length > 0}>
        {conversations.map((conversation) => <li key={conversation.id}><ConversationHit conversation={conversation} onDone={onDone} /></li>)}
      </Section>
      <Section title="Messages" shown={messages.length > 0}>
        {messages.map((hit) => <li key={hit.message.id}><MessageHit hit={hit} /></li>)}
      </Section>
    </div>
  );
}

function Section({ title, shown, children }: { readonly title: string; readonly shown: boolean; readonly children: ReactNode }) {
  return shown && <section><h2 className="list-heading">{title}</h2><ul className="conversations">{children}</ul></section>;
}

function ConversationHit({ conversation, onDone }: { readonly conversation: ConversationView; readonly onDone: () => void }) {
  const title = useTitle(conversation);
  return (
    <a className="conversation-row person" href={hrefOf({ conversationId: conversation.id })} onClick={onDone}>
      <Avatar name={title} /><span className="row-title" dir="auto">{title}</span><span className="row-text">{conversation.member_count} members</span>
    </a>
  );
}

function MessageHit({ hit: { message, highlights } }: { readonly hit: Hit }) {
  const { conversation } = useConversation(message.conversation_id);
  const title = useTitle(conversation);
  const sender = useName(message.sender_id ?? undefined);
  const href = hrefOf({ conversationId: message.conversation_id, threadId: message.in_main ? undefined : message.thread_id ?? undefined, at: message.seq });
  return (
    <a className="conversation-row hit" href={href}>
      <Avatar name={sender} />
      <span className="row-title" dir="auto">{sender}<span className="muted"> · {title}</span></span>
      <span className="row-time"><Time ms={message.created_ms} brief /></span>
      <span className="row-text"><Excerpt text={message.text} ranges={highlights} /></span>
    </a>
  );
}
