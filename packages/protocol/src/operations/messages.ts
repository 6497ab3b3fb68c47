import { z } from 'zod';
import type { Operation } from './operation.js';
import { asUser, commandResult, conversationId, data, empty, limit, mark, message, messageId, range, seq, text } from './schemas.js';

export const messageOperations = {
  'messages.send': {
    method: 'POST', path: '/v1/messages', tag: 'messages', user: true, scope: 'messages:write', command: true,
    summary: 'Send a message. A backend without as_user_id sends a system message.',
    input: z.strictObject({
      conversation_id: conversationId, text: text.default(''), data: data.optional(), silent: z.boolean().default(false), as_user_id: asUser,
    }).refine((value) => value.text !== '' || value.data !== undefined, { error: 'must hold text or data', path: ['text'] }),
    output: commandResult,
  },
  'messages.get': {
    method: 'GET', path: '/v1/messages/{message_id}', tag: 'messages', user: true, scope: 'messages:read', command: false,
    summary: 'Get a message as it is now.', input: z.strictObject({ message_id: messageId }), output: message,
  },
  'messages.edit': {
    method: 'PATCH', path: '/v1/messages/{message_id}', tag: 'messages', user: true, scope: 'messages:write', command: true,
    summary: 'Change text or data of a message. A user edits only their own.',
    input: z.strictObject({ message_id: messageId, text: text.optional(), data: data.optional(), as_user_id: asUser }), output: commandResult,
  },
  'messages.delete': {
    method: 'DELETE', path: '/v1/messages/{message_id}', tag: 'messages', user: true, scope: 'messages:write', command: true,
    summary: 'Delete a message for everyone. What it held is erased from the log (VIS4).',
    input: z.strictObject({ message_id: messageId, as_user_id: asUser }), output: commandResult,
  },
  'messages.list': {
    method: 'GET', path: '/v1/messages', tag: 'messages', user: true, scope: 'messages:read', command: false,
    eventual: true, summary: 'A page of history by seq: the newest, before, after or around a seq. Items ascend.',
    input: z.strictObject({
      conversation_id: conversationId, before_seq: seq.optional(), after_seq: seq.optional(), around_seq: seq.optional(), limit,
    }),
    output: z.strictObject({
      items: z.array(message), from_seq: seq, to_seq: seq, has_before: z.boolean(), has_after: z.boolean(), head_seq: seq, omitted: z.array(range),
    }),
  },
  'marks.set': {
    method: 'PUT', path: '/v1/conversations/{conversation_id}/mark', tag: 'marks', user: true, scope: 'messages:write', command: false,
    summary: 'Move marks forward: delivered up to, read up to. A mark never moves back (CNT3).',
    input: z.strictObject({ conversation_id: conversationId, delivered_seq: seq.optional(), read_seq: seq.optional(), as_user_id: asUser }),
    output: empty,
  },
  'marks.list': {
    method: 'GET', path: '/v1/conversations/{conversation_id}/marks', tag: 'marks', user: true, scope: 'messages:read', command: false,
    summary: "The members' marks that moved after a version.",
    input: z.strictObject({ conversation_id: conversationId, after_version: seq.default(0), limit }),
    output: z.strictObject({ items: z.array(mark), version: seq, more: z.boolean() }),
  },
  'marks.unread': {
    method: 'POST', path: '/v1/conversations/{conversation_id}/unread', tag: 'marks', user: true, scope: 'messages:write', command: true,
    summary: 'Show a conversation as unread from a message on, until it is read again.',
    input: z.strictObject({ conversation_id: conversationId, from_seq: seq.min(1), as_user_id: asUser }), output: commandResult,
  },
} as const satisfies Record<string, Operation>;
