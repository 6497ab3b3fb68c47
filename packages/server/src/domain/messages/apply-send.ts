import type { Command, SendMessage } from '../../storage/command.js';
import type { EventRow } from '../../storage/rows.js';
import type { UnitOfWork } from '../../storage/unit-of-work.js';
import { allows, type Authorised } from '../conversations/authorise.js';
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
  return sendAsSettingsAllow(work, command, { ...command, followers: command.followers ?? [] }, authorised);
}

/**
 * Sends at the pace of the conversation; where it holds messages, keeps it until it is approved.
 *
 * @returns its `message.created`, or its `message.held`
 * @throws ProtocolError frozen, blocked, slow_mode, and what `hold` and `sendRich` refuse
 */
export function sendAsSettingsAllow(work: UnitOfWork, command: Command, sending: Sending, authorised: Authorised): EventRow {
  const wrote = checkPace(work, command, authorised);
  const waits = settingsOf(authorised.conversation).approval !== undefined && authorised.member !== undefined && !allows(authorised, 'message.unlimited');
  if (waits) checkReferences(work, sending, authorised, sending.more ?? {});
  const event = waits ? hold(work, command, sending, authorised) : sendRich(work, command, sending, authorised);
  wrote(event.seq);
  return event;
}
