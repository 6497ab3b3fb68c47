import type { SendMessage } from '../../storage/command.js';
import type { EventRow } from '../../storage/rows.js';
import type { UnitOfWork } from '../../storage/unit-of-work.js';
import { allows } from '../conversations/authorise.js';
import { settingsOf } from '../conversations/settings.js';
import { appendMessage, authoriseSend, checkReferences, sendRich } from './append-message.js';
import { hold } from './apply-hold.js';
import { checkPace } from './pace.js';
import type { Sending } from './sending.js';

/** Appends `message.created`. A message of the backend itself is a system message: no sender, not counted. */
export function applySend(work: UnitOfWork, command: SendMessage): EventRow {
  const authorised = authoriseSend(work, command);
  // Most conversations have chosen nothing, and most messages are text: nothing more is looked at then.
  if (command.more === null && authorised.conversation.settings === '{}') return appendMessage(work, command, command, authorised, {});
  const wrote = checkPace(work, command, authorised);
  const sending: Sending = { ...command, followers: command.followers ?? [] };
  const waits = settingsOf(authorised.conversation).approval !== undefined && authorised.member !== undefined && !allows(authorised, 'message.unlimited');
  if (waits) checkReferences(work, sending, authorised, sending.more ?? {});
  const event = waits ? hold(work, command, authorised) : sendRich(work, command, sending, authorised);
  wrote(event.seq);
  return event;
}
