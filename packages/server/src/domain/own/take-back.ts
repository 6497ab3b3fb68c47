import type { EntryPlace } from '../../storage/entries.js';
import type { EntryRow } from '../../storage/rows.js';
import type { UnitOfWork } from '../../storage/unit-of-work.js';
import { authorise, requireMember } from '../conversations/authorise.js';

/**
 * An entry of a user's own that is to go. Whoever has one may take it back, also when they have left the conversation meanwhile; who
 * has none is answered as for every other command.
 *
 * @returns undefined when there is none
 * @throws ProtocolError not_found, invalid_argument when a backend has not said for whom
 */
export function takeBack(work: UnitOfWork, command: { readonly app: string; readonly user: string | null; readonly conversation: string }, placeOf: (user: string) => EntryPlace): EntryRow | undefined {
  const known = command.user === null ? undefined : work.entry(placeOf(command.user));
  if (!known) requireMember(authorise(work, command, command.conversation, 'conversation.read').member);
  return known;
}
