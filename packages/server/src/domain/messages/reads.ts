import { ProtocolError } from '@talaria/protocol';
import type { OperationInput, OperationOutput } from '@talaria/protocol/operations';
import type { MessagesQuery } from '../../storage/port.js';
import { viewerOf, type AppCaller } from '../caller.js';
import type { Domain } from '../domain.js';
import { factView, messageView, omittedView } from '../views.js';
import { placeOfMessage } from './commands.js';

const noConversation = (): ProtocolError => new ProtocolError('not_found', 'There is no such conversation, or it is not visible to you.');

/** @throws ProtocolError not_found */
export async function getMessage(domain: Domain, caller: AppCaller, input: OperationInput<'messages.get'>): Promise<OperationOutput<'messages.get'>> {
  const { conversationId, seq } = placeOfMessage(input.message_id);
  const row = await domain.storage.message(caller.app, viewerOf(caller), conversationId, seq);
  if (!row) throw new ProtocolError('not_found', 'There is no such message, or it is not visible to you.');
  return messageView(row);
}

/** A page of history. At most one of before_seq, after_seq and around_seq. @throws ProtocolError not_found, invalid_argument */
export async function listMessages(domain: Domain, caller: AppCaller, input: OperationInput<'messages.list'>): Promise<OperationOutput<'messages.list'>> {
  const page = await domain.storage.messages({
    app: caller.app, conversation: input.conversation_id, viewer: viewerOf(caller), limit: input.limit, anchor: anchorOf(input),
  });
  if (!page) throw noConversation();
  return {
    items: page.items.map(messageView), from_seq: page.covers.fromSeq, to_seq: page.covers.toSeq, has_before: page.hasBefore, has_after: page.hasAfter,
    head_seq: page.headSeq, omitted: omittedView(page.omitted),
  };
}

function anchorOf(input: OperationInput<'messages.list'>): MessagesQuery['anchor'] {
  const named = ([['before', input.before_seq], ['after', input.after_seq], ['around', input.around_seq]] as const).filter(([, seq]) => seq !== undefined);
  if (named.length > 1) throw new ProtocolError('invalid_argument', 'Give only one of before_seq, after_seq and around_seq.', { field: 'before_seq' });
  const [kind, seq] = named[0] ?? [];
  return kind === undefined || seq === undefined ? { kind: 'newest' } : { kind, seq };
}

/** Facts of a conversation after a seq (ORD1). @throws ProtocolError not_found, resync_required */
export async function listFacts(domain: Domain, caller: AppCaller, input: OperationInput<'facts.list'>): Promise<OperationOutput<'facts.list'>> {
  const page = await domain.storage.facts({ app: caller.app, stream: input.conversation_id, viewer: viewerOf(caller), afterSeq: input.after_seq, limit: input.limit });
  if (!page) throw noConversation();
  // RES5: a cursor above the head is of another log; to wait there would be to miss what comes.
  if (input.after_seq > page.endSeq) throw new ProtocolError('resync_required', 'after_seq is beyond the end of the conversation.', { field: 'after_seq' });
  return {
    items: page.facts.map(factView), from_seq: page.fromSeq, to_seq: page.toSeq, head_seq: page.endSeq, floor_seq: page.floorSeq, omitted: omittedView(page.omitted),
  };
}

/** RES3: what has happened since to messages that the client holds. @throws ProtocolError not_found */
export async function listChanges(domain: Domain, caller: AppCaller, input: OperationInput<'facts.changes'>): Promise<OperationOutput<'facts.changes'>> {
  const page = await domain.storage.changes({
    app: caller.app, conversation: input.conversation_id, viewer: viewerOf(caller), afterSeq: input.after_seq, limit: input.limit,
    range: { fromSeq: input.from_seq, toSeq: input.to_seq },
  });
  if (!page) throw noConversation();
  return { items: page.items.map(factView), to_seq: page.items.at(-1)?.seq ?? input.after_seq, more: page.more };
}
