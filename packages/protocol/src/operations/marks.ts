import { z } from 'zod';
import type { Operation } from './operation.js';
import { asUser, commandResult, conversationId, empty, limit, mark, messageId, seq } from './schemas.js';

export const markOperations = {
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
  'receipts.get': {
    method: 'GET', path: '/v1/messages/{message_id}/receipts', tag: 'marks', user: true, scope: 'messages:read', command: false,
    summary: 'Who has received and read a message: by name in a conversation of up to 100 members, else how many. The sender does not count.',
    input: z.strictObject({ message_id: messageId }),
    output: z.strictObject({
      members: z.int().meta({ description: 'Of those who are there today, how many the message was for.' }), delivered: z.int(), read: z.int().meta({ description: 'As far as members share it.' }),
      items: z.array(z.strictObject({ user_id: z.string(), delivered: z.boolean(), read: z.boolean() })).nullable().meta({ description: 'By user id; null where there are more members.' }),
    }),
  },
  'marks.unread': {
    method: 'POST', path: '/v1/conversations/{conversation_id}/unread', tag: 'marks', user: true, scope: 'messages:write', command: true,
    summary: 'Show a conversation as unread from a message on, until it is read again.',
    input: z.strictObject({ conversation_id: conversationId, from_seq: seq.min(1), as_user_id: asUser }), output: commandResult,
  },
} as const satisfies Record<string, Operation>;
