import { useMemo } from 'react';
import type { ConversationState, Inbox, InboxOptions, InboxState, UnreadState, View } from '../views/index.js';
import { keyFor, useView, type Kind, type SuspenseOptions } from './use-view.js';

/** The inbox as a component shows it. */
export interface Conversations extends InboxState {
  /** Resolves when there is more, or it could not be read: then `error` says why. */
  loadMore(): Promise<void>;
}

const NO_INBOX: InboxState = { conversations: [], hasMore: false, loading: 'first', error: undefined };
const NO_CONVERSATION: ConversationState = { conversation: undefined, loading: true, error: undefined };
const NO_UNREAD: UnreadState = { messages: 0, mentions: 0, conversations: 0, complete: false };
const UNREAD: Kind<UnreadState, View<UnreadState>> = { make: (views) => views.unread(), empty: NO_UNREAD };

/** The user's conversations, the latest activity first, with what is unread. Components with the same options share one list. */
export function useConversations(options: InboxOptions & SuspenseOptions = {}): Conversations {
  const { kind, unread, pinned, archived, sort, page, suspense } = options;
  const [state, inbox] = useView<InboxState, Inbox>(keyFor('inbox', kind, unread, pinned, archived, sort, page), {
    make: (views) => views.inbox(options), empty: NO_INBOX, isReady: ({ loading }) => loading !== 'first',
  }, suspense);
  return useMemo(() => ({ ...state, loadMore: async () => inbox().loadMore() }), [state, inbox]);
}

/** One conversation, with what is unread in it. @param conversationId undefined for none */
export function useConversation(conversationId: string | undefined, { suspense }: SuspenseOptions = {}): ConversationState {
  return useView<ConversationState, View<ConversationState>>(conversationId === undefined ? undefined : keyFor('conversation', conversationId), {
    make: (views) => views.conversation(conversationId ?? ''), empty: NO_CONVERSATION, isReady: ({ loading }) => !loading,
  }, suspense)[0];
}

/** What is unread, in all conversations that are not archived; or in one, if it is named. */
export function useUnread(conversationId?: string): UnreadState {
  const all = useView(conversationId === undefined ? 'unread' : undefined, UNREAD)[0];
  const { conversation } = useConversation(conversationId);
  return useMemo(() => {
    if (conversationId === undefined) return all;
    const { unread = 0, mentions = 0 } = conversation?.membership ?? {};
    return { messages: unread, mentions, conversations: unread > 0 ? 1 : 0, complete: conversation !== undefined };
  }, [conversationId, all, conversation]);
}
