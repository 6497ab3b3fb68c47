import { limits, ProtocolError } from '@talaria/protocol';
import type { Place, SetReaction } from '../../storage/command.js';
import type { EventRow, MessageRow } from '../../storage/rows.js';
import type { UnitOfWork } from '../../storage/unit-of-work.js';
import { parseStored } from '../../storage/stored-json.js';
import { authorise, requireMember } from '../conversations/authorise.js';
import { settingsOf } from '../conversations/settings.js';
import { refuseFrozen } from './pace.js';
import { changeState, stateOf } from './state.js';
import { presentMessage } from './target.js';

/** What one user has reacted with to one message, and where each stands in the log. */
export type OwnReactions = Readonly<Record<string, { readonly seq: number; readonly time_ms: number }>>;

/** Adds a reaction or takes it back. One that is there already stays where it is; of one that is not, nothing is left to take back. */
export function applyReaction(work: UnitOfWork, command: SetReaction): EventRow | Place {
  const authorised = authorise(work, command, command.conversation, 'message.react');
  refuseFrozen(authorised);
  const { conversation, member } = authorised;
  const { user } = requireMember(member);
  const message = presentMessage(work, command, member);
  const place = { app: command.app, stream: command.conversation, type: 'reaction', key: user, targetSeq: message.seq } as const;
  const entry = work.entry(place);
  let own: OwnReactions = entry ? parseStored(entry.value) as OwnReactions : {};
  const known = Object.hasOwn(own, command.reaction) ? own[command.reaction] : undefined;
  if (command.on && known) return { stream: command.conversation, seq: known.seq, timeMs: known.time_ms, type: 'reaction.added', targetSeq: message.seq };
  if (!command.on && !known) throw new ProtocolError('conflict', 'There is no such reaction of this user.');
  if (command.on) {
    refuseTooMany(command.reaction, message, own);
    if (settingsOf(conversation).one_reaction) {
      for (const other of Object.keys(own)) append(work, command, message, other, false);
      own = {};
    }
  }
  const event = append(work, command, message, command.reaction, command.on);
  own = command.on ? { ...own, [command.reaction]: { seq: event.seq, time_ms: event.timeMs } } : without(own, command.reaction);
  if (Object.keys(own).length > 0) work.putEntry({ ...place, seq: event.seq, value: JSON.stringify(own), dueMs: null });
  else work.removeEntry(place);
  return event;
}

function append(work: UnitOfWork, command: SetReaction, message: MessageRow, reaction: string, on: boolean): EventRow {
  const event = work.append(command, {
    stream: command.conversation, type: on ? 'reaction.added' : 'reaction.removed', targetSeq: message.seq, payload: JSON.stringify({ reaction }),
  });
  changeState(work, message, event);
  return event;
}

function without(own: OwnReactions, reaction: string): OwnReactions {
  const { [reaction]: _gone, ...others } = own;
  return others;
}

function refuseTooMany(reaction: string, message: MessageRow, own: OwnReactions): void {
  const all = Object.keys(stateOf(message).reactions ?? {});
  if (!all.includes(reaction) && all.length >= limits.reactions_per_message_max) {
    throw new ProtocolError('limit_reached', `A message has at most ${limits.reactions_per_message_max} different reactions. Use one that is there.`, { field: 'reaction' });
  }
  if (Object.keys(own).length >= limits.reactions_per_user_max) {
    throw new ProtocolError('limit_reached', `A user has at most ${limits.reactions_per_user_max} reactions to a message. Take one back.`, { field: 'reaction' });
  }
}
