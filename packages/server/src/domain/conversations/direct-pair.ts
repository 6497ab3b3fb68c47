import { ProtocolError } from '@talaria/protocol';

/** The name of two users, in whatever order. @throws ProtocolError invalid_argument for another number of users */
export function directPair(members: readonly string[]): string {
  if (members.length !== 2) throw new ProtocolError('invalid_argument', 'A direct conversation has exactly two different users.', { field: 'member_ids' });
  return [...members].sort().join('+');
}
