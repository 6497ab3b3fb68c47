import { ProtocolError } from '@talaria/protocol';
import type { OperationId, OperationInput } from '@talaria/protocol/operations';
import type { Command } from '../../storage/command.js';
import type { AppCaller } from '../caller.js';
import { actingUser, commandHead, headOf, requestText, submit, type CommandHead, type CommandMeta, type CommandResult } from '../commands/submit.js';
import type { Domain } from '../domain.js';
import { mentionsOf } from './content.js';
import { placeOfMessage } from './place.js';
import { checkText, textMaxOf } from './text-limit.js';

/** Changes text, data or mentions of a message. @throws ProtocolError not_found, forbidden, gone */
export async function editMessage(domain: Domain, caller: AppCaller, input: OperationInput<'messages.edit'>, meta: CommandMeta): Promise<CommandResult> {
  if (input.text === undefined && input.data === undefined && input.mentions === undefined) {
    throw new ProtocolError('invalid_argument', 'Name what is to change: text, data or mentions.', { field: 'text' });
  }
  if (input.text !== undefined) checkText(input.text, await textMaxOf(domain, caller.app));
  const user = await actingUser(domain, caller, input.as_user_id);
  const { conversationId, seq } = placeOfMessage(input.message_id);
  const data = input.data === undefined ? null : JSON.stringify(input.data);
  const mentions = input.mentions ? await mentionsOf(domain, caller, input.mentions) ?? {} : null;
  return submit(domain, {
    ...commandHead(domain, caller, user, 'messages.edit', requestText(input.message_id, input.text, data, mentions ?? undefined), meta),
    kind: 'message.edit', conversation: conversationId, seq, text: input.text ?? null, data, mentions,
  }, meta.lane);
}

type AboutMessage = { readonly message_id: string; readonly as_user_id?: string | undefined };
type Fields<Kind extends Command['kind']> = Omit<Extract<Command, { kind: Kind }>, keyof CommandHead | 'kind' | 'conversation' | 'seq'>;

/**
 * An operation that is a command about one message.
 *
 * @param fields what the command holds beside the message
 */
function aboutMessage<Id extends OperationId, Kind extends Command['kind']>(op: Id, kind: Kind, fields: (input: OperationInput<Id>) => Fields<Kind>) {
  return async (domain: Domain, caller: AppCaller, input: OperationInput<Id> & AboutMessage, meta: CommandMeta): Promise<CommandResult> => {
    const { conversationId, seq } = placeOfMessage(input.message_id);
    const command = {
      ...await headOf(domain, caller, op, input, meta), kind, conversation: conversationId, seq, ...fields(input),
    };
    // `Fields` are what the command of this kind lacks; only the compiler cannot put them together.
    return submit(domain, command as unknown as Command, meta.lane);
  };
}

/** Deletes a message for everyone, and its text from the log and from every cache (VIS4). @throws ProtocolError not_found, forbidden */
export const deleteMessage = aboutMessage('messages.delete', 'message.delete', () => ({}));
/** Hides a message from one user (VIS2). @throws ProtocolError not_found */
export const hideMessage = aboutMessage('messages.hide', 'message.hide', () => ({}));
/** @throws ProtocolError not_found, gone, forbidden, limit_reached */
export const addReaction = aboutMessage('reactions.add', 'reaction.set', ({ reaction }) => ({ reaction, on: true }));
/** @throws ProtocolError not_found, gone, conflict */
export const removeReaction = aboutMessage('reactions.remove', 'reaction.set', ({ reaction }) => ({ reaction, on: false }));
/** @throws ProtocolError not_found, gone, forbidden, limit_reached */
export const addPin = aboutMessage('pins.add', 'pin.set', () => ({ on: true }));
/** @throws ProtocolError not_found, gone, forbidden, conflict */
export const removePin = aboutMessage('pins.remove', 'pin.set', () => ({ on: false }));
/** @throws ProtocolError not_found, gone, invalid_argument, conflict when the poll is closed */
export const votePoll = aboutMessage('polls.vote', 'poll.vote', ({ options }) => ({ options: [...new Set(options)].sort((left, right) => Number(left) - Number(right)) }));
/** @throws ProtocolError not_found, gone, forbidden, conflict */
export const closePoll = aboutMessage('polls.close', 'poll.close', () => ({}));
/** @throws ProtocolError not_found, gone, limit_reached */
export const addBookmark = aboutMessage('bookmarks.add', 'bookmark.set', ({ note }) => ({ note, on: true }));
/** @throws ProtocolError not_found, conflict */
export const removeBookmark = aboutMessage('bookmarks.remove', 'bookmark.set', () => ({ note: '', on: false }));
/** @throws ProtocolError not_found, invalid_argument, limit_reached */
export const followThread = aboutMessage('threads.follow', 'thread.follow', () => ({ on: true }));
/** @throws ProtocolError not_found, conflict */
export const unfollowThread = aboutMessage('threads.unfollow', 'thread.follow', () => ({ on: false }));
/** @throws ProtocolError not_found, conflict, invalid_argument */
export const readThread = aboutMessage('threads.read', 'thread.read', ({ read_seq }) => ({ readSeq: read_seq }));
