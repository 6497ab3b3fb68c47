import { z } from 'zod';
import type { Operation } from './operation.js';
import { asUser, commandResult, conversationId, data, limit, mentionsInput, message, messageId, pollInput, range, seq, text } from './schemas.js';

const tag = 'messages';

/** What a message may hold, for whoever sends one now or later. */
export const content = {
  text: text.default(''), data: data.optional(), silent: z.boolean().default(false),
  thread_id: messageId.optional().meta({ description: 'Replies in the thread of this message.' }),
  in_main: z.boolean().default(false).meta({ description: 'A reply that also stands in the history of the conversation.' }),
  quoted_id: messageId.optional().meta({ description: 'A message of the same conversation that this one quotes.' }),
  mentions: mentionsInput.optional(), poll: pollInput.optional(),
  expires_in_s: z.int().min(1).max(366 * 86_400).optional().meta({ description: 'The message disappears so long after it was sent.' }),
};
const held = z.strictObject({ id: z.string(), reason: z.string() }).nullable()
  .meta({ description: 'Set when the message waits for approval. It has no seq in the conversation until then.' });

export const messageOperations = {
  'messages.send': {
    method: 'POST', path: '/v1/messages', tag, user: true, scope: 'messages:write', command: true,
    summary: 'Send a message. A backend without as_user_id sends a system message.',
    input: z.strictObject({ conversation_id: conversationId, ...content, as_user_id: asUser })
      .refine((value) => value.text !== '' || value.data !== undefined || value.poll !== undefined, { error: 'must hold text, data or a poll', path: ['text'] }),
    output: commandResult.extend({ held }),
  },
  'messages.forward': {
    method: 'POST', path: '/v1/messages/{message_id}/forward', tag, user: true, scope: 'messages:write', command: true,
    summary: 'Send text and data of a message that one may read on to another conversation. It says whose it was, not where.',
    input: z.strictObject({ message_id: messageId, conversation_id: conversationId, silent: z.boolean().default(false), as_user_id: asUser }), output: commandResult.extend({ held }),
  },
  'messages.get': {
    method: 'GET', path: '/v1/messages/{message_id}', tag, user: true, scope: 'messages:read', command: false,
    summary: 'Get a message as it is now.', input: z.strictObject({ message_id: messageId }), output: message,
  },
  'messages.edit': {
    method: 'PATCH', path: '/v1/messages/{message_id}', tag, user: true, scope: 'messages:write', command: true,
    summary: 'Change text, data or mentions of a message. A user edits only their own.',
    input: z.strictObject({ message_id: messageId, text: text.optional(), data: data.optional(), mentions: mentionsInput.optional(), as_user_id: asUser }), output: commandResult,
  },
  'messages.delete': {
    method: 'DELETE', path: '/v1/messages/{message_id}', tag, user: true, scope: 'messages:write', command: true,
    summary: 'Delete a message for everyone. What it held is erased from the log (VIS4).',
    input: z.strictObject({ message_id: messageId, as_user_id: asUser }), output: commandResult,
  },
  'messages.hide': {
    method: 'POST', path: '/v1/messages/{message_id}/hide', tag, user: true, scope: 'messages:write', command: true,
    summary: 'Delete a message for oneself: it is not shown to this user any more, on no device (VIS2).',
    input: z.strictObject({ message_id: messageId, as_user_id: asUser }), output: commandResult,
  },
  'messages.list': {
    method: 'GET', path: '/v1/messages', tag, user: true, scope: 'messages:read', command: false,
    eventual: true, summary: 'A page of history by seq: the newest, before, after or around a seq. Items ascend. With thread_id, the replies of a thread.',
    input: z.strictObject({
      conversation_id: conversationId, thread_id: messageId.optional(), before_seq: seq.optional(), after_seq: seq.optional(), around_seq: seq.optional(), limit,
    }),
    output: z.strictObject({
      items: z.array(message), from_seq: seq, to_seq: seq, has_before: z.boolean(), has_after: z.boolean(), head_seq: seq, omitted: z.array(range),
    }),
  },
  'messages.history': {
    method: 'GET', path: '/v1/messages/{message_id}/history', tag, user: true, scope: 'messages:read', command: false,
    summary: 'What a message said before it was edited, the oldest first.',
    input: z.strictObject({ message_id: messageId, limit }),
    output: z.strictObject({ items: z.array(z.strictObject({ seq, time_ms: z.int(), text: z.string(), data })), more: z.boolean() }),
  },
} as const satisfies Record<string, Operation>;
