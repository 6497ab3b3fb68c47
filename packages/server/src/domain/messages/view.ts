/** A message as operations show it. */
import { messageId, type MessageMore, type MessageState } from '@talaria/protocol';
import type { OperationOutput } from '@talaria/protocol/operations';
import { parseBody } from '../../storage/message-body.js';
import type { EventRow, SeenMessage } from '../../storage/rows.js';
import { parseStored } from '../../storage/stored-json.js';
import type { AppCaller } from '../caller.js';
import { stateOf } from './state.js';

export type MessageView = OperationOutput<'messages.get'>;

export function messageView(row: SeenMessage): MessageView {
  const { text, data, silent, system, more = {} } = parseBody(row.payload);
  const state = stateOf(row);
  const inConversation = (seq: number | undefined): string | null => (seq === undefined ? null : messageId(row.conversation, seq));
  return {
    id: messageId(row.conversation, row.seq), conversation_id: row.conversation, seq: row.seq, sender_id: row.sender, text, data: objectOf(data), silent, system,
    created_ms: row.createdMs, edited_ms: row.editedMs, deleted_ms: row.deletedMs, client_id: row.clientId,
    thread_id: inConversation(row.threadSeq ?? undefined), in_main: !row.inThreadOnly, quoted_id: inConversation(more.quote_seq), mentions: mentionsView(more),
    forwarded: more.forwarded ? { ...more.forwarded } : null, expires_ms: more.expires_ms ?? null, reactions: reactionsView(state, row.own.reaction),
    pinned: state.pinned ? { ...state.pinned } : null, poll: pollView(more, state, row.own.vote), thread: threadView(state), previews: (state.previews ?? []).map((one) => ({ ...one })),
  };
}

/** What a user has chosen in secret is for themselves alone: not for a backend that reads what is theirs. */
export function forReader(view: MessageView, reader: Pick<AppCaller, 'kind'>): MessageView {
  return reader.kind === 'backend' && view.poll?.anonymous ? { ...view, poll: { ...view.poll, own: [] } } : view;
}

/** @param event a message's own fact, or an edit of it */
export function versionView(event: EventRow): OperationOutput<'messages.history'>['items'][number] {
  const { text, data } = parseBody(event.payload);
  return { seq: event.seq, time_ms: event.timeMs, text, data: objectOf(data) };
}

export function threadView({ thread }: MessageState): MessageView['thread'] {
  return thread ? { replies: thread.replies, last_seq: thread.last_seq, last_ms: thread.last_ms, user_ids: [...thread.user_ids] } : null;
}

const objectOf = (text: string): MessageView['data'] => (text === '' ? {} : parseStored(text) as MessageView['data']);

function mentionsView({ mentions }: MessageMore): MessageView['mentions'] {
  return { user_ids: [...mentions?.user_ids ?? []], here: mentions?.here ?? false, everyone: mentions?.everyone ?? false };
}

function reactionsView({ reactions }: MessageState, own: string | undefined): MessageView['reactions'] {
  const mine = own === undefined ? {} : parseStored(own) as Readonly<Record<string, unknown>>;
  return Object.entries(reactions ?? {}).map(([reaction, count]) => ({ reaction, count, own: Object.hasOwn(mine, reaction) }));
}

function pollView({ poll }: MessageMore, state: MessageState, own: string | undefined): MessageView['poll'] {
  if (!poll) return null;
  const result = state.poll;
  return {
    question: poll.question, options: poll.options.map(({ id, text }) => ({ id, text, votes: result?.votes[id] ?? 0 })), multiple: poll.multiple ?? false, anonymous: poll.anonymous ?? false,
    closes_ms: poll.closes_ms ?? null, closed_ms: result?.closed_ms ?? null, voters: result?.voters ?? 0,
    own: own === undefined ? [] : [...(parseStored(own) as { options: string[] }).options],
  };
}
