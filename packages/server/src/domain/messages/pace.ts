import { ProtocolError } from '@talaria/protocol';
import type { Command } from '../../storage/command.js';
import { parseStored } from '../../storage/stored-json.js';
import type { UnitOfWork } from '../../storage/unit-of-work.js';
import { allows, type Authorised } from '../conversations/authorise.js';
import { settingsOf } from '../conversations/settings.js';

/** @throws ProtocolError blocked, to both sides of a direct conversation in which one has blocked the other */
export function refuseBlocked({ conversation, member }: Authorised): void {
  if (member && settingsOf(conversation).closed_by) throw new ProtocolError('blocked');
}

/** @throws ProtocolError frozen, blocked */
export function refuseFrozen(authorised: Authorised): void {
  refuseBlocked(authorised);
  const { frozen } = settingsOf(authorised.conversation);
  if (frozen && !allows(authorised, 'message.unlimited')) throw new ProtocolError('frozen');
}

/**
 * What a conversation lets its members write, and how often.
 *
 * @returns notes that the member has written; after the message is in
 * @throws ProtocolError frozen, blocked, slow_mode
 */
export function checkPace(work: UnitOfWork, command: Command, authorised: Authorised): (seq: number) => void {
  refuseFrozen(authorised);
  const { conversation, member } = authorised;
  const { slow_mode_s } = settingsOf(conversation);
  if (!slow_mode_s || !member || allows(authorised, 'message.unlimited')) return () => undefined;
  const place = { app: command.app, stream: conversation.id, type: 'last_send', key: member.user, targetSeq: 0 } as const;
  const known = work.entry(place);
  const waitMs = known ? (parseStored(known.value) as { time_ms: number }).time_ms + slow_mode_s * 1_000 - work.now() : 0;
  if (waitMs > 0) throw new ProtocolError('slow_mode', undefined, { retryAfterMs: waitMs });
  return (seq) => work.putEntry({ ...place, seq, value: JSON.stringify({ time_ms: work.now() }), dueMs: null });
}
