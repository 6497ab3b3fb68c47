import { z } from 'zod';
import { limits } from '../limits.js';
import { content } from './messages.js';
import type { Operation } from './operation.js';
import { asUser, commandResult, conversationId, data, heldId, limit, page, pageCursor, scheduledId, timeMs, userCommandResult, userId, userRefOrMe } from './schemas.js';

const write = { user: true, scope: 'messages:write', command: true } as const;
const read = { user: true, scope: 'messages:read', command: false } as const;
const waiting = { conversation_id: conversationId, text: z.string(), data, created_ms: timeMs };
const held = z.strictObject({ id: heldId, sender_id: userId, ...waiting, reason: z.string(), expires_ms: timeMs });

/** Messages that have no seq yet (VIS3). */
export const waitingOperations = {
  'scheduled.create': {
    method: 'POST', path: '/v1/scheduled', tag: 'scheduled', ...write,
    summary: 'Have a message sent at a time to come, by the server, once.',
    input: z.strictObject({ conversation_id: conversationId, send_at_ms: timeMs, ...content, as_user_id: asUser })
      .refine((value) => value.text !== '' || value.data !== undefined || value.poll !== undefined, { error: 'must hold text, data or a poll', path: ['text'] }),
    output: commandResult,
  },
  'scheduled.list': {
    method: 'GET', path: '/v1/users/{user_id}/scheduled', tag: 'scheduled', ...read,
    summary: 'Messages of a user that wait for their time.',
    input: z.strictObject({ user_id: userRefOrMe, limit, after: pageCursor.optional() }), output: page(z.strictObject({ id: scheduledId, ...waiting, send_at_ms: timeMs })),
  },
  'scheduled.cancel': {
    method: 'DELETE', path: '/v1/scheduled/{scheduled_id}', tag: 'scheduled', ...write,
    summary: 'Do not send a scheduled message.', input: z.strictObject({ scheduled_id: scheduledId, as_user_id: asUser }), output: userCommandResult,
  },
  'held.list': {
    method: 'GET', path: '/v1/conversations/{conversation_id}/held', tag: 'held', ...read,
    summary: 'Messages of a conversation that wait for approval: all, for who may approve; else the own ones.',
    input: z.strictObject({ conversation_id: conversationId, limit, after: pageCursor.optional() }), output: page(held),
  },
  'held.approve': {
    method: 'POST', path: '/v1/held/{held_id}/approve', tag: 'held', ...write,
    summary: 'Let a message that waits into its conversation, now.', input: z.strictObject({ conversation_id: conversationId, held_id: heldId, as_user_id: asUser }), output: commandResult,
  },
  'held.reject': {
    method: 'POST', path: '/v1/held/{held_id}/reject', tag: 'held', ...write,
    summary: 'Turn a message away that waits, or take back the own one. Its sender is told why.',
    input: z.strictObject({ conversation_id: conversationId, held_id: heldId, reason: z.string().max(limits.note_chars_max).default(''), as_user_id: asUser }), output: commandResult,
  },
} as const satisfies Record<string, Operation>;
