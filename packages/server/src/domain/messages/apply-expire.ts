import { ProtocolError } from '@talaria/protocol';
import type { ExpireMessage } from '../../storage/command.js';
import type { EventRow } from '../../storage/rows.js';
import type { UnitOfWork } from '../../storage/unit-of-work.js';
import { authorise } from '../conversations/authorise.js';
import { eraseMessage } from './apply-delete.js';

/** Appends `message.expired` for a message whose time has come, and leaves nothing of it but its place (VIS4). @throws ProtocolError not_found */
export function applyExpire(work: UnitOfWork, command: ExpireMessage): EventRow {
  authorise(work, command, command.conversation, 'message.delete_any');
  const { app, conversation, seq } = command;
  const due = work.entry({ app, stream: conversation, type: 'expiry', key: '', targetSeq: seq });
  const message = work.message(app, conversation, seq);
  if (!due || !message || message.deletedMs !== null) throw new ProtocolError('not_found', 'There is no such message any more.');
  const event = work.append(command, { stream: conversation, type: 'message.expired', targetSeq: seq, payload: '{}', by: { user: null, clientId: command.clientId } });
  eraseMessage(work, message, event);
  return event;
}
