import { parseMessageId, ProtocolError, type MessagePlace } from '@talaria/protocol';
import type { OperationInput } from '@talaria/protocol/operations';
import type { AppCaller } from '../caller.js';
import { actingUser, commandHead, requestText, submit, type CommandMeta, type CommandResult } from '../commands/submit.js';
import type { Domain } from '../domain.js';

/** Changes text or data of a message. @throws ProtocolError not_found, forbidden, gone */
export async function editMessage(domain: Domain, caller: AppCaller, input: OperationInput<'messages.edit'>, meta: CommandMeta): Promise<CommandResult> {
  if (input.text === undefined && input.data === undefined) throw new ProtocolError('invalid_argument', 'Name what is to change: text or data.', { field: 'text' });
  const user = await actingUser(domain, caller, input.as_user_id);
  const { conversationId, seq } = placeOfMessage(input.message_id);
  const data = input.data === undefined ? null : JSON.stringify(input.data);
  return submit(domain, {
    ...commandHead(domain, caller, user, 'messages.edit', requestText(input.message_id, input.text, data), meta),
    kind: 'message.edit', conversation: conversationId, seq, text: input.text ?? null, data,
  }, meta.lane);
}

/** Deletes a message for everyone, and its text from the log and from every cache (VIS4). */
export async function deleteMessage(domain: Domain, caller: AppCaller, input: OperationInput<'messages.delete'>, meta: CommandMeta): Promise<CommandResult> {
  const user = await actingUser(domain, caller, input.as_user_id);
  const { conversationId, seq } = placeOfMessage(input.message_id);
  return submit(domain, {
    ...commandHead(domain, caller, user, 'messages.delete', requestText(input.message_id), meta), kind: 'message.delete', conversation: conversationId, seq,
  }, meta.lane);
}

/** @throws ProtocolError not_found, as for any id that names nothing */
export function placeOfMessage(id: string): MessagePlace {
  const place = parseMessageId(id);
  if (!place) throw new ProtocolError('not_found', 'There is no such message, or it is not visible to you.');
  return place;
}
