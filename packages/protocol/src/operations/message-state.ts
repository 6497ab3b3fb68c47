import { z } from 'zod';
import { limits } from '../limits.js';
import type { Operation } from './operation.js';
import { asUser, commandResult, limit, message, messageId, page, pageCursor, pollOptionId, reaction, timeMs, userId, conversationId } from './schemas.js';

const ofMessage = { user: true, scope: 'messages:write', command: true } as const;
const one = { message_id: messageId, as_user_id: asUser };

/** What members do with a message that is there. */
export const messageStateOperations = {
  'reactions.add': {
    method: 'PUT', path: '/v1/messages/{message_id}/reactions/{reaction}', tag: 'reactions', ...ofMessage,
    summary: 'React to a message.', input: z.strictObject({ message_id: messageId, reaction, as_user_id: asUser }), output: commandResult,
  },
  'reactions.remove': {
    method: 'DELETE', path: '/v1/messages/{message_id}/reactions/{reaction}', tag: 'reactions', ...ofMessage,
    summary: 'Take a reaction back.', input: z.strictObject({ message_id: messageId, reaction, as_user_id: asUser }), output: commandResult,
  },
  'reactions.list': {
    method: 'GET', path: '/v1/messages/{message_id}/reactions', tag: 'reactions', user: true, scope: 'messages:read', command: false,
    summary: 'Who has reacted to a message, and with what.',
    input: z.strictObject({ message_id: messageId, limit, after: pageCursor.optional() }), output: page(z.strictObject({ user_id: userId, reactions: z.array(z.string()) })),
  },
  'pins.add': {
    method: 'PUT', path: '/v1/messages/{message_id}/pin', tag: 'pins', ...ofMessage,
    summary: 'Pin a message in its conversation.', input: z.strictObject(one), output: commandResult,
  },
  'pins.remove': {
    method: 'DELETE', path: '/v1/messages/{message_id}/pin', tag: 'pins', ...ofMessage,
    summary: 'Unpin a message.', input: z.strictObject(one), output: commandResult,
  },
  'pins.list': {
    method: 'GET', path: '/v1/conversations/{conversation_id}/pins', tag: 'pins', user: true, scope: 'messages:read', command: false,
    summary: 'The pinned messages of a conversation, in the order in which they were sent.',
    input: z.strictObject({ conversation_id: conversationId }), output: z.strictObject({ items: z.array(message).max(limits.pins_max) }),
  },
  'polls.vote': {
    method: 'PUT', path: '/v1/messages/{message_id}/vote', tag: 'polls', ...ofMessage,
    summary: 'Vote in a poll, in place of what one has chosen before. No options: the vote is taken back.',
    input: z.strictObject({ message_id: messageId, options: z.array(pollOptionId).max(limits.poll_options_max), as_user_id: asUser }), output: commandResult,
  },
  'polls.close': {
    method: 'POST', path: '/v1/messages/{message_id}/close', tag: 'polls', ...ofMessage,
    summary: 'Close a poll: nobody votes any more.', input: z.strictObject(one), output: commandResult,
  },
  'polls.voters': {
    method: 'GET', path: '/v1/messages/{message_id}/votes', tag: 'polls', user: true, scope: 'messages:read', command: false,
    summary: 'Who has chosen what in a poll that is not anonymous.',
    input: z.strictObject({ message_id: messageId, limit, after: pageCursor.optional() }), output: page(z.strictObject({ user_id: userId, options: z.array(pollOptionId), time_ms: timeMs })),
  },
} as const satisfies Record<string, Operation>;
