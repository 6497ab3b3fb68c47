import type { Conversations } from '@talaria/sdk/react';
import { useRef, type KeyboardEvent } from 'react';
import { ConversationRow } from './conversation-row.js';

export interface ConversationListProps {
  readonly inbox: Conversations;
  readonly openId: string | undefined;
  readonly archive: boolean;
  readonly onCreate: () => void;
}

/** The latest activity first. Arrow keys move, Enter opens. */
export function ConversationList({ inbox, openId, archive, onCreate }: ConversationListProps) {
  const { conversations, hasMore, loading, error, loadMore } = inbox;
  const list = useRef<HTMLUListElement>(null);
  if (loading === 'first' && conversations.length === 0 && !error) return <Skeleton />;
  if (conversations.length === 0) {
    return (
      <div className="empty">
        {error ? <p role="alert">{error.message}</p> : <p>{archive ? 'Nothing is archived.' : 'No conversations yet.'}</p>}
        {!archive && !error && <button type="button" className="button" onClick={onCreate}>Find somebody</button>}
      </div>
    );
  }
  const move = (event: KeyboardEvent): void => {
    const links = [...list.current?.querySelectorAll<HTMLElement>('a') ?? []];
    const at = links.indexOf(document.activeElement as HTMLElement);
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: links.length - 1 }[event.key];
    if (to === undefined || event.altKey || at < 0) return;
    event.preventDefault();
    links[Math.max(0, to)]?.focus();
  };
  // One stop for the Tab key: the open conversation, or the first.
  const stop = conversations.some(({ id }) => id === openId) ? openId : conversations[0]?.id;
  return (
    <div className="scroller">
      <ul ref={list} className="conversations" aria-label={archive ? 'Archived conversations' : 'Conversations'} onKeyDown={move}>
        {conversations.map((conversation) => <ConversationRow key={conversation.id} conversation={conversation} open={conversation.id === openId} stop={conversation.id === stop} />)}
      </ul>
      {hasMore && <button type="button" className="button plain wide" disabled={loading !== false} onClick={() => void loadMore()}>{loading === 'more' ? 'Loading…' : 'Older conversations'}</button>}
    </div>
  );
}

function Skeleton() {
  return (
    <div className="conversations" role="status" aria-label="Conversations are loading">
      {[0, 1, 2, 3, 4].map((at) => <div key={at} className="conversation-row skeleton"><span className="avatar" /><span className="bar" /><span className="bar short" /></div>)}
    </div>
  );
}
