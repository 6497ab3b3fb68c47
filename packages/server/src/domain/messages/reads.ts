import { ProtocolError } from '@talaria/protocol';
import type { OperationInput, OperationOutput } from '@talaria/protocol/operations';
import type { EntryType } from '../../storage/entry-types.js';
import type { MessagesQuery } from '../../storage/port.js';
import { parseStored } from '../../storage/stored-json.js';
import { viewerOf, type AppCaller } from '../caller.js';
import type { Domain } from '../domain.js';
import type { OwnVote } from '../polls/apply-vote.js';
import { factView, omittedView } from '../views.js';
import type { OwnReactions } from './apply-react.js';
import { messageView, versionView } from './view.js';
import { openPage, sealPage } from '../page-cursor.js';
import { placeOfMessage, seqIn } from './place.js';

const noMessage = (): ProtocolError => new ProtocolError('not_found', 'There is no such message, or it is not visible to you.');
const noConversation = (): ProtocolError => new ProtocolError('not_found', 'There is no such conversation, or it is not visible to you.');

/** @throws ProtocolError not_found */
export async function getMessage(domain: Domain, caller: AppCaller, input: OperationInput<'messages.get'>): Promise<OperationOutput<'messages.get'>> {
  const { conversationId, seq } = placeOfMessage(input.message_id);
  const row = await domain.storage.message(caller.app, viewerOf(caller), conversationId, seq);
  if (!row) throw noMessage();
  return messageView(row);
}

/** A page of history. At most one of before_seq, after_seq and around_seq. @throws ProtocolError not_found, invalid_argument */
export async function listMessages(domain: Domain, caller: AppCaller, input: OperationInput<'messages.list'>): Promise<OperationOutput<'messages.list'>> {
  const page = await domain.storage.messages({
    app: caller.app, conversation: input.conversation_id, viewer: viewerOf(caller), limit: input.limit, anchor: anchorOf(input),
    ...(input.thread_id !== undefined && { thread: seqIn(input.conversation_id, input.thread_id, 'thread_id') }),
  });
  if (!page) throw noConversation();
  return {
    items: page.items.map(messageView), from_seq: page.covers.fromSeq, to_seq: page.covers.toSeq, has_before: page.hasBefore, has_after: page.hasAfter,
    head_seq: page.headSeq, omitted: omittedView(page.omitted),
  };
}

/** What a message said before it was edited. @throws ProtocolError not_found */
export async function listVersions(domain: Domain, caller: AppCaller, input: OperationInput<'messages.history'>): Promise<OperationOutput<'messages.history'>> {
  const { conversationId, seq } = placeOfMessage(input.message_id);
  const page = await domain.storage.versions(caller.app, viewerOf(caller), conversationId, seq, input.limit);
  if (!page) throw noMessage();
  return { items: page.items.map(versionView), more: page.more };
}

/** Pinned messages. @throws ProtocolError not_found */
export async function listPins(domain: Domain, caller: AppCaller, input: OperationInput<'pins.list'>): Promise<OperationOutput<'pins.list'>> {
  const items = await domain.storage.pins(caller.app, viewerOf(caller), input.conversation_id);
  if (!items) throw noConversation();
  return { items: items.map(messageView) };
}

/** Who has reacted to a message. @throws ProtocolError not_found */
export function listReactions(domain: Domain, caller: AppCaller, input: OperationInput<'reactions.list'>): Promise<OperationOutput<'reactions.list'>> {
  return listAbout(domain, caller, input, 'reaction', (user, value) => ({ user_id: user, reactions: Object.keys(value as OwnReactions) }));
}

/** Who has chosen what in a poll. @throws ProtocolError not_found, forbidden when the poll is anonymous */
export async function listVotes(domain: Domain, caller: AppCaller, input: OperationInput<'polls.voters'>): Promise<OperationOutput<'polls.voters'>> {
  const { poll } = await getMessage(domain, caller, { message_id: input.message_id });
  if (!poll) throw new ProtocolError('invalid_argument', 'The message holds no poll.', { field: 'message_id' });
  if (poll.anonymous) throw new ProtocolError('forbidden', 'The poll is anonymous.');
  return listAbout(domain, caller, input, 'vote', (user, value) => ({ user_id: user, options: [...(value as OwnVote).options], time_ms: (value as OwnVote).time_ms }));
}

async function listAbout<T>(
  domain: Domain, caller: AppCaller, input: { message_id: string; limit: number; after?: string | undefined }, type: EntryType, view: (user: string, value: unknown) => T,
): Promise<{ items: T[]; next: string | null }> {
  const { conversationId, seq } = placeOfMessage(input.message_id);
  const list = `${type} ${caller.app} ${input.message_id}`;
  const page = await domain.storage.entriesAbout(caller.app, viewerOf(caller), conversationId, seq, type, input.limit, openPage(domain, list, input.after));
  if (!page) throw noMessage();
  return { items: page.items.map((row) => view(row.key, parseStored(row.value))), next: sealPage(domain, list, page.more ? page.items.at(-1)?.key ?? null : null) };
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
