import { useMemo } from 'react';
import type { Timeline, TimelineOptions, TimelineState, View } from '../views/index.js';
import { keyFor, useView, type SuspenseOptions } from './use-view.js';

/** Where a timeline begins, and how the hook waits for it. */
export interface UseMessagesOptions extends TimelineOptions, SuspenseOptions {}

/** What a timeline shows, and what can be done with it. The functions are the same on each render. */
export type Messages = TimelineState & TimelineActions;
/** What can be done with a timeline. */
export type TimelineActions = Omit<Timeline, keyof View<unknown> | 'conversationId' | 'threadId'>;

const EMPTY: TimelineState = { entries: [], root: undefined, hasOlder: false, hasNewer: false, loading: 'first', error: undefined };

/**
 * The messages of a conversation, in the order in which they are shown: paged both ways, kept up by facts, with those that are being sent.
 * Components with the same options share one timeline.
 *
 * @param conversationId undefined for none
 * @throws TalariaError with `suspense`, when nothing can be read
 */
export function useMessages(conversationId: string | undefined, options: UseMessagesOptions = {}): Messages {
  const { threadId, page, max, suspense } = options;
  const key = conversationId === undefined ? undefined : keyFor('timeline', conversationId, threadId, page, max);
  const [state, timeline] = useView<TimelineState, Timeline>(key, {
    make: (views) => views.timeline(conversationId ?? '', options), empty: EMPTY, isReady: ({ loading, entries, error }) => loading !== 'first' || entries.length > 0 || (error !== undefined && !error.retryable),
  }, suspense);
  const actions = useMemo(() => actionsOf(timeline), [timeline]);
  if (suspense === true && state.error && state.entries.length === 0) throw state.error;
  return useMemo(() => ({ ...state, ...actions }), [state, actions]);
}

/** The replies of a thread; `root` is the message that it began with. */
export function useThread(conversationId: string | undefined, threadId: string | undefined, options: Omit<UseMessagesOptions, 'threadId'> = {}): Messages {
  return useMessages(threadId === undefined ? undefined : conversationId, { ...options, threadId });
}

function actionsOf(timeline: () => Timeline): TimelineActions {
  return {
    // Scrolling may be faster than what is mounted.
    loadOlder: async () => timeline().loadOlder(),
    loadNewer: async () => timeline().loadNewer(),
    around: async (seq) => timeline().around(seq),
    jumpToLatest: async () => timeline().jumpToLatest(),
    send: (content, options) => timeline().send(content, options),
    resend: (entry) => timeline().resend(entry),
    discard: async (entry) => timeline().discard(entry),
    edit: async (message, content, options) => timeline().edit(message, content, options),
    remove: async (message, options) => timeline().remove(message, options),
    react: async (message, reaction, options) => timeline().react(message, reaction, options),
    unreact: async (message, reaction, options) => timeline().unreact(message, reaction, options),
    markRead: (message) => timeline().markRead(message),
  };
}
