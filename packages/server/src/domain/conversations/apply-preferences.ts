import type { SetPreferences } from '../../storage/command.js';
import type { EventRow } from '../../storage/rows.js';
import type { UnitOfWork } from '../../storage/unit-of-work.js';
import { authorise, requireMember } from './authorise.js';

/** How one member sees a conversation: a fact of their own stream, and so on all of their devices (VIS2). */
export function applyPreferences(work: UnitOfWork, command: SetPreferences): EventRow {
  const member = requireMember(authorise(work, command, command.conversation, 'conversation.read').member);
  const { muted_until_ms, pinned, archived, hidden } = command.change;
  const nowMs = work.now();
  const since = (wanted: boolean | undefined, before: number | null): number | null => (wanted === undefined ? before : wanted ? before ?? nowMs : null);
  if (muted_until_ms !== undefined) member.mutedUntilMs = muted_until_ms;
  member.pinnedMs = since(pinned, member.pinnedMs);
  member.archivedMs = since(archived, member.archivedMs);
  if (hidden !== undefined) member.hiddenSeq = hidden ? work.stream(command.app, command.conversation).headSeq : null;
  work.changeMember(member);
  return work.append(command, {
    stream: member.user, type: 'conversation.preferences_set',
    payload: JSON.stringify({
      conversation_id: command.conversation, muted_until_ms: member.mutedUntilMs, pinned_ms: member.pinnedMs, archived_ms: member.archivedMs, hidden_seq: member.hiddenSeq,
    }),
  });
}
