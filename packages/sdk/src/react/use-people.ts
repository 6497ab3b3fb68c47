import { useMemo } from 'react';
import type { UserPresence } from '../live/index.js';
import type { Members, MembersOptions, MembersState, MemberView, Receipts, ReceiptsState, TypingView, UserView, View } from '../views/index.js';
import { keyFor, useView, type SuspenseOptions } from './use-view.js';

const NO_MEMBERS: MembersState = { members: [], hasMore: false, loading: 'first', error: undefined };
const NO_RECEIPTS: ReceiptsState = { marks: new Map(), complete: false, loading: true, error: undefined };
const NOBODY: readonly string[] = [];
const NO_USERS: ReadonlyMap<string, UserView> = new Map();
const NO_PRESENCE: ReadonlyMap<string, UserPresence> = new Map();

/** The members of a conversation as a component shows them. */
export interface MemberList extends MembersState {
  /** Resolves when there are more, or they could not be read: then `error` says why. */
  loadMore(): Promise<void>;
}

export interface ReceiptList extends ReceiptsState {
  /** Who of the others has read a message, as far as is known here. */
  readonly readBy: Receipts['readBy'];
}

/** Who is typing, and how to say that one is. */
export interface TypingList {
  /** Others who are typing, by id. */
  readonly users: readonly string[];
  /** The user is typing: at each key stroke. */
  start(): void;
  /** The field is empty, or has lost the focus. */
  stop(): void;
}

/** The members of a conversation. @param conversationId undefined for none */
export function useMembers(conversationId: string | undefined, options: MembersOptions & SuspenseOptions = {}): MemberList {
  const [state, members] = useView<MembersState, Members>(conversationId === undefined ? undefined : keyFor('members', conversationId, options.page), {
    make: (views) => views.members(conversationId ?? '', options), empty: NO_MEMBERS, isReady: ({ loading }) => loading !== 'first',
  }, options.suspense);
  return useMemo(() => ({ ...state, loadMore: async () => members().loadMore() }), [state, members]);
}

/** One of the members that `useMembers` has read; undefined while it is not known whether they are one. */
export function useMember(conversationId: string | undefined, userId: string | undefined): MemberView | undefined {
  const { members } = useMembers(conversationId);
  return members.find(({ user_id: id }) => id === userId);
}

/** How far the members of a conversation have seen and read. @param conversationId undefined for none */
export function useReceipts(conversationId: string | undefined): ReceiptList {
  const [state] = useView<ReceiptsState, Receipts>(conversationId === undefined ? undefined : keyFor('receipts', conversationId), { make: (views) => views.receipts(conversationId ?? ''), empty: NO_RECEIPTS });
  return useMemo(() => ({
    ...state, readBy: ({ seq, sender_id: sender }) => [...state.marks.values()].flatMap(({ userId, readSeq }) => (seq > 0 && readSeq >= seq && userId !== sender ? [userId] : [])),
  }), [state]);
}

/** Who else is typing, and that the user is. @param conversationId undefined for none */
export function useTyping(conversationId: string | undefined): TypingList {
  const [users, typing] = useView<readonly string[], TypingView>(conversationId === undefined ? undefined : keyFor('typing', conversationId), { make: (views) => views.typing(conversationId ?? ''), empty: NOBODY });
  return useMemo(() => ({ users, start: () => typing().start(), stop: () => typing().stop() }), [users, typing]);
}

/** Who of these users is there; of whom it is not known, or not to be seen, nothing. */
export function usePresence(userIds: readonly string[]): ReadonlyMap<string, UserPresence> {
  return useView<ReadonlyMap<string, UserPresence>, View<ReadonlyMap<string, UserPresence>>>(userIds.length === 0 ? undefined : keyFor('presence', ...userIds), { make: (views) => views.presence(userIds), empty: NO_PRESENCE })[0];
}

/** Users by id: those that are known. All that components ask for at once is read at once. */
export function useUsers(userIds: readonly string[]): ReadonlyMap<string, UserView> {
  return useView<ReadonlyMap<string, UserView>, View<ReadonlyMap<string, UserView>>>(userIds.length === 0 ? undefined : keyFor('users', ...userIds), {
    make: (views) => views.users(userIds), empty: NO_USERS,
  })[0];
}

/** A user. Undefined until they are known. @param userId undefined for none */
export function useUser(userId: string | undefined): UserView | undefined {
  return useUsers(userId === undefined ? NOBODY : [userId]).get(userId ?? '');
}
