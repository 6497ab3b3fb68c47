import { useMembers, useUser, useUsers } from '@talaria/sdk/react';
import type { ConversationView, UserView } from '@talaria/sdk/views';
import { useMemo } from 'react';
import { useMe } from '../account/account-context.js';

/** What somebody is called here. */
export const nameOf = (user: UserView | undefined): string => (user ? user.name || 'Guest' : '…');

export function useName(userId: string | undefined): string {
  return nameOf(useUser(userId));
}

/** Names of several, by id. */
export function useNames(userIds: readonly string[]): ReadonlyMap<string, string> {
  const users = useUsers(userIds);
  return useMemo(() => new Map(userIds.map((id) => [id, nameOf(users.get(id))])), [userIds, users]);
}

/** The other one of a direct conversation. Its row does not say who that is, its members do. */
export function usePartner(conversation: ConversationView | undefined): string | undefined {
  const me = useMe();
  const direct = conversation?.kind === 'direct' ? conversation.id : undefined;
  const { members } = useMembers(direct, { page: 2 });
  return members.find(({ user_id: id }) => id !== me)?.user_id;
}

/** What a conversation is called. */
export function useTitle(conversation: ConversationView | undefined): string {
  const partner = usePartner(conversation);
  const name = useName(partner);
  if (!conversation) return '…';
  return conversation.kind === 'direct' ? name : conversation.name || 'Unnamed group';
}

/** "Mira", "Mira and Jonas", "Mira, Jonas and 3 others". */
export function listOf(names: readonly string[], max = 2): string {
  const [first = '', second] = names;
  if (second === undefined) return first;
  if (names.length <= max || names.length === 2) return `${names.slice(0, -1).join(', ')} and ${names.at(-1) ?? ''}`;
  const others = names.length - max;
  return `${names.slice(0, max).join(', ')} and ${others} ${others === 1 ? 'other' : 'others'}`;
}
