import { useConversations, useUnread } from '@talaria/sdk/react';

/** Beside the list, while nothing is open. */
export function Welcome() {
  const { conversations, loading } = useConversations({ sort: 'pinned' });
  const { messages } = useUnread();
  return (
    <div className="welcome">
      <span className="brand-mark large" aria-hidden="true" />
      <h2>{messages > 0 ? `${messages} new ${messages === 1 ? 'message' : 'messages'}` : loading === 'first' ? 'One moment…' : 'You are all caught up'}</h2>
      <p className="muted">{conversations.length > 0 ? 'Choose a conversation, or begin a new one.' : 'Find somebody by name, or begin a group.'}</p>
      <p className="muted">Press <kbd>?</kbd> for the keys.</p>
    </div>
  );
}
