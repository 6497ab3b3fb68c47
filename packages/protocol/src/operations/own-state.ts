import { z } from 'zod';
import { limits } from '../limits.js';
import type { Operation } from './operation.js';
import { asUser, commandResult, conversationId, data, limit, message, messageId, page, pageCursor, seq, text, threadSummary, timeMs, userRefOrMe } from './schemas.js';

const note = z.string().max(limits.note_chars_max);
const draft = z.strictObject({ conversation_id: conversationId, thread_id: messageId.nullable(), text: z.string(), data, time_ms: timeMs });
const command = { user: true, scope: 'messages:write', command: true } as const;
const read = { user: true, scope: 'messages:read', command: false } as const;

/** What concerns one user alone, on all of their devices. */
export const ownStateOperations = {
  'drafts.set': {
    method: 'PUT', path: '/v1/conversations/{conversation_id}/draft', tag: 'drafts', ...command,
    summary: 'Keep what the user is writing, for all of their devices. An empty draft is cleared.',
    input: z.strictObject({ conversation_id: conversationId, thread_id: messageId.optional(), text: text.default(''), data: data.default({}), as_user_id: asUser }), output: commandResult,
  },
  'drafts.list': {
    method: 'GET', path: '/v1/users/{user_id}/drafts', tag: 'drafts', ...read,
    summary: "A user's drafts.", input: z.strictObject({ user_id: userRefOrMe, limit, after: pageCursor.optional() }), output: page(draft),
  },
  'bookmarks.add': {
    method: 'PUT', path: '/v1/messages/{message_id}/bookmark', tag: 'bookmarks', ...command,
    summary: 'Bookmark a message, with a note.', input: z.strictObject({ message_id: messageId, note: note.default(''), as_user_id: asUser }), output: commandResult,
  },
  'bookmarks.remove': {
    method: 'DELETE', path: '/v1/messages/{message_id}/bookmark', tag: 'bookmarks', ...command,
    summary: 'Remove a bookmark.', input: z.strictObject({ message_id: messageId, as_user_id: asUser }), output: commandResult,
  },
  'bookmarks.list': {
    method: 'GET', path: '/v1/users/{user_id}/bookmarks', tag: 'bookmarks', ...read,
    summary: "A user's bookmarks, the newest first. The message is null when the user may not see it any more.",
    input: z.strictObject({ user_id: userRefOrMe, limit, after: pageCursor.optional() }),
    output: page(z.strictObject({ message_id: messageId, note, time_ms: timeMs, message: message.nullable() })),
  },
  'threads.follow': {
    method: 'PUT', path: '/v1/messages/{message_id}/follow', tag: 'threads', ...command,
    summary: 'Follow the thread of a message. Whoever replies, or is mentioned in a reply, follows it by that.', input: z.strictObject({ message_id: messageId, as_user_id: asUser }), output: commandResult,
  },
  'threads.unfollow': {
    method: 'DELETE', path: '/v1/messages/{message_id}/follow', tag: 'threads', ...command,
    summary: 'Do not follow the thread of a message any more.', input: z.strictObject({ message_id: messageId, as_user_id: asUser }), output: commandResult,
  },
  'threads.read': {
    method: 'PUT', path: '/v1/messages/{message_id}/read', tag: 'threads', ...command,
    summary: 'Say that the thread of a message has been read up to a reply.', input: z.strictObject({ message_id: messageId, read_seq: seq, as_user_id: asUser }), output: commandResult,
  },
  'threads.list': {
    method: 'GET', path: '/v1/users/{user_id}/threads', tag: 'threads', ...read,
    summary: 'The threads that a user follows, each with its first message and the number of unread replies, the latest reply first.',
    input: z.strictObject({ user_id: userRefOrMe, unread_only: z.boolean().default(false), limit, after: pageCursor.optional() }),
    output: page(z.strictObject({ message: message, thread: threadSummary, unread: z.int().min(0).max(limits.unread_max) })),
  },
} as const satisfies Record<string, Operation>;
