import { ProtocolError } from '@talaria/protocol';
import type { EditMessage } from '../../storage/command.js';
import type { EventRow } from '../../storage/rows.js';
import type { UnitOfWork } from '../../storage/unit-of-work.js';
import { allows, authorise, requireAction } from '../conversations/authorise.js';
import { settingsOf } from '../conversations/settings.js';
import { bodyText, parseBody } from '../../storage/message-body.js';
import { changeMentions } from './mentions.js';
import { refuseFrozen } from './pace.js';
import { presentMessage } from './target.js';

/** Appends `message.updated` with the whole new body. */
export function applyEdit(work: UnitOfWork, command: EditMessage): EventRow {
  const authorised = authorise(work, command, command.conversation, 'message.edit_own');
  refuseFrozen(authorised);
  const { conversation, member } = authorised;
  const message = presentMessage(work, command, member);
  if (member && message.sender !== member.user) throw new ProtocolError('forbidden', 'Only the sender may edit a message.');
  // What somebody has looked at, or would have to, is not changed behind their back.
  if (settingsOf(conversation).approval && !allows(authorised, 'message.unlimited')) throw new ProtocolError('forbidden', 'Messages wait for approval here: one that is sent is not changed.');
  if (command.mentions?.everyone || command.mentions?.here) requireAction(authorised, 'message.mention_all');
  const body = parseBody(work.payload(command.app, command.conversation, message.bodySeq) ?? '{}');
  // It says whose it was.
  if (member && body.more?.forwarded && (command.text !== null || command.data !== null)) throw new ProtocolError('forbidden', 'A message that was sent on stays as its author wrote it.');
  const more = command.mentions ? { ...body.more, mentions: command.mentions } : body.more;
  const [text, data] = [command.text ?? body.text, command.data ?? body.data];
  if (text === '' && (data === '' || data === '{}') && !more?.poll) throw new ProtocolError('invalid_argument', 'A message must hold text, data or a poll. Delete it to empty it.', { field: 'text' });
  const event = work.append(command, {
    stream: command.conversation, type: 'message.updated', targetSeq: message.seq, ordinals: message,
    payload: bodyText({ ...body, text, data, more }),
  });
  if (command.mentions) {
    const { app, conversation, sender, countable, countsInThread } = message;
    changeMentions(work, { app, conversation, sender, counts: countable || countsInThread }, message.seq, event.seq, body.more?.mentions ?? {}, command.mentions);
  }
  message.bodySeq = event.seq;
  message.changedSeq = event.seq;
  message.editedMs = event.timeMs;
  work.changeMessage(message);
  return event;
}
