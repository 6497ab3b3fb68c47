import { ProtocolError } from '@talaria/protocol';
import type { OperationInput, OperationOutput } from '@talaria/protocol/operations';
import { viewerOf, type AppCaller } from '../caller.js';
import { actingUser, commandHead, requestText, submit, type CommandMeta, type CommandResult } from '../commands/submit.js';
import type { Domain } from '../domain.js';
import type { MarkRow } from '../../storage/rows.js';
import { placeOfMessage } from '../messages/place.js';
import { markView } from '../views.js';

/** Moves a user's marks forward and tells the followers (CNT3). @throws ProtocolError not_found, forbidden, rate_limited */
export async function setMark(domain: Domain, caller: AppCaller, input: OperationInput<'marks.set'>): Promise<Record<string, never>> {
  await moveMark(domain, caller, input);
  return {};
}

/** Does so. @returns where the mark stands when that changes nothing */
export async function moveMark(domain: Domain, caller: AppCaller, input: OperationInput<'marks.set'>): Promise<MarkRow | undefined> {
  const user = await actingUser(domain, caller, input.as_user_id);
  if (user === null) throw new ProtocolError('invalid_argument', 'Say for which user.', { field: 'as_user_id' });
  const outcome = await domain.storage.mark({
    app: caller.app, conversation: input.conversation_id, user, deliveredSeq: input.delivered_seq ?? 0, readSeq: input.read_seq ?? 0,
  });
  if (!outcome.ok) throw new ProtocolError(outcome.refusal.code, outcome.refusal.message, outcome.refusal);
  if (outcome.moved === null) return outcome.stands;
  const { publicReadSeq, readSeq, ...moved } = outcome.moved;
  // CNT3: where the mark really is, is for the user's own devices.
  domain.bus.publish({ kind: 'mark', app: caller.app, stream: input.conversation_id, ...moved, readSeq: publicReadSeq, ...(publicReadSeq !== readSeq && { ownReadSeq: readSeq }) });
  return undefined;
}

/** Marks that moved after a version. @throws ProtocolError not_found */
export async function listMarks(domain: Domain, caller: AppCaller, input: OperationInput<'marks.list'>): Promise<OperationOutput<'marks.list'>> {
  const page = await domain.storage.marks(caller.app, viewerOf(caller), input.conversation_id, input.after_version, input.limit);
  if (!page) throw new ProtocolError('not_found', 'There is no such conversation, or it is not visible to you.');
  return { items: page.items.map(markView), version: page.more ? page.items.at(-1)?.version ?? page.version : page.version, more: page.more };
}

/** Who has got and read a message. @throws ProtocolError not_found */
export async function getReceipts(domain: Domain, caller: AppCaller, input: OperationInput<'receipts.get'>): Promise<OperationOutput<'receipts.get'>> {
  const { conversationId, seq } = placeOfMessage(input.message_id);
  const found = await domain.storage.receipts(caller.app, viewerOf(caller), conversationId, seq);
  if (!found) throw new ProtocolError('not_found', 'There is no such message, or it is not visible to you.');
  const { items, ...counts } = found;
  return { ...counts, items: items && items.map(({ user, ...rest }) => ({ user_id: user, ...rest })) };
}

/** Shows a conversation as unread from a message on. @throws ProtocolError not_found, invalid_argument */
export async function markUnread(domain: Domain, caller: AppCaller, input: OperationInput<'marks.unread'>, meta: CommandMeta): Promise<CommandResult> {
  const user = await actingUser(domain, caller, input.as_user_id);
  return submit(domain, {
    ...commandHead(domain, caller, user, 'marks.unread', requestText(input.conversation_id, input.from_seq), meta),
    kind: 'conversation.mark_unread', conversation: input.conversation_id, fromSeq: input.from_seq,
  }, meta.lane);
}
