import { z } from 'zod';
import { limits } from '../limits.js';
import type { Operation } from './operation.js';
import { asUser, avatarUrl, conversation, data, externalId, limit, name, page, pageCursor, presence, timeMs, user, userCommandResult, userId, userRef, userRefOrMe } from './schemas.js';

const tag = 'users';
const count = z.int().min(0);
const privacy = z.strictObject({
  last_seen: z.boolean().meta({ description: 'Others are told whether the user is there, and when they were last.' }), receipts: z.boolean().meta({ description: 'Others are shown what the user has read.' }),
  typing: z.boolean().meta({ description: 'Others are shown that the user is typing.' }), hide_blocked: z.boolean().meta({ description: 'Messages of blocked users are not shown in groups.' }),
});

export const userOperations = {
  'users.create': {
    method: 'POST', path: '/v1/users', tag, user: false, scope: 'users:write', command: false,
    summary: 'Make a user, or get the one with this external id.',
    input: z.strictObject({ external_id: externalId, name: name.default(''), data: data.default({}) }),
    output: user,
  },
  'users.get': {
    method: 'GET', path: '/v1/users/{user_id}', tag, user: true, scope: 'users:read', command: false,
    summary: 'Get a user.', input: z.strictObject({ user_id: userRefOrMe }), output: user,
  },
  'users.batch': {
    method: 'POST', path: '/v1/users/batch', tag, user: true, scope: 'users:read', command: false,
    summary: 'Get several users at once; those that do not exist are left out.',
    input: z.strictObject({ user_ids: z.array(userRef).min(1).max(limits.batch_items_max) }),
    output: z.strictObject({ items: z.array(user) }),
  },
  'users.presence': {
    method: 'POST', path: '/v1/users/presence', tag, user: true, scope: 'users:read', command: false,
    summary: 'Which of several users are connected, and when they were last. A user is told of those with whom they share a conversation, unless one of the two has blocked the other, or it is not to be known; others are left out.',
    input: z.strictObject({ user_ids: z.array(userRef).min(1).max(limits.batch_items_max) }),
    output: z.strictObject({ items: z.array(presence) }),
  },
  'users.update': {
    method: 'PATCH', path: '/v1/users/{user_id}', tag, user: true, scope: 'users:write', command: true,
    summary: 'Change a profile; a user changes only their own.',
    input: z.strictObject({ user_id: userRefOrMe, name: name.optional(), avatar_url: avatarUrl.optional(), data: data.optional(), as_user_id: asUser }),
    output: userCommandResult,
  },
  'users.deactivate': {
    method: 'POST', path: '/v1/users/{user_id}/deactivate', tag, user: false, scope: 'users:write', command: true,
    summary: 'Deactivate a user: their tokens are revoked, and new ones are not accepted. What they have written stays.',
    input: z.strictObject({ user_id: userRef }), output: userCommandResult,
  },
  'users.reactivate': {
    method: 'POST', path: '/v1/users/{user_id}/reactivate', tag, user: false, scope: 'users:write', command: true,
    summary: 'Reactivate a user, who needs a new token.', input: z.strictObject({ user_id: userRef }), output: userCommandResult,
  },
  'privacy.get': {
    method: 'GET', path: '/v1/users/{user_id}/privacy', tag: 'privacy', user: true, scope: 'users:read', command: false,
    summary: 'What a user lets others see.', input: z.strictObject({ user_id: userRefOrMe }), output: privacy,
  },
  'privacy.set': {
    method: 'PATCH', path: '/v1/users/{user_id}/privacy', tag: 'privacy', user: true, scope: 'users:write', command: true,
    summary: 'Choose what others see. What is not named stays.', input: z.strictObject({ user_id: userRefOrMe, ...privacy.partial().shape, as_user_id: asUser }), output: userCommandResult,
  },
  'blocks.add': {
    method: 'PUT', path: '/v1/users/{user_id}/blocks/{blocked_user_id}', tag: 'blocks', user: true, scope: 'users:write', command: true,
    summary: 'Block another user: there is no direct contact between the two, either way.',
    input: z.strictObject({ user_id: userRefOrMe, blocked_user_id: userRef, as_user_id: asUser }), output: userCommandResult,
  },
  'blocks.remove': {
    method: 'DELETE', path: '/v1/users/{user_id}/blocks/{blocked_user_id}', tag: 'blocks', user: true, scope: 'users:write', command: true,
    summary: 'Let a blocked user in again.', input: z.strictObject({ user_id: userRefOrMe, blocked_user_id: userRef, as_user_id: asUser }), output: userCommandResult,
  },
  'blocks.list': {
    method: 'GET', path: '/v1/users/{user_id}/blocks', tag: 'blocks', user: true, scope: 'users:read', command: false,
    summary: 'Whom a user has blocked.', input: z.strictObject({ user_id: userRefOrMe, limit, after: pageCursor.optional() }), output: page(z.strictObject({ user_id: userId, time_ms: timeMs })),
  },
  'users.list': {
    method: 'GET', path: '/v1/users', tag, user: false, scope: 'users:read', command: false,
    eventual: true, summary: 'List users in the order in which they were made.',
    input: z.strictObject({ limit, after: pageCursor.optional() }), output: page(user),
  },
  'inbox.list': {
    method: 'GET', path: '/v1/users/{user_id}/conversations', tag, user: true, scope: 'conversations:read', command: false,
    eventual: true, summary: 'The conversations of a user, latest activity first, each with its last message, unread count and mentions.',
    input: z.strictObject({
      user_id: userRefOrMe, kind: z.enum(['direct', 'group', 'channel']).optional(), unread_only: z.boolean().default(false), pinned: z.boolean().optional(), muted: z.boolean().optional(),
      archived: z.enum(['excluded', 'only', 'included']).default('excluded'), include_hidden: z.boolean().default(false),
      sort: z.enum(['activity', 'pinned']).default('activity').meta({ description: '`pinned`: what the user has pinned stands before the rest.' }), limit, after: pageCursor.optional(),
    }),
    output: page(conversation),
  },
  'inbox.unread': {
    method: 'GET', path: '/v1/users/{user_id}/unread', tag, user: true, scope: 'conversations:read', command: false,
    summary: 'How much is unread for a user in all conversations together that are not archived, as for a badge.',
    input: z.strictObject({ user_id: userRefOrMe, kind: z.enum(['direct', 'group', 'channel']).optional(), muted: z.boolean().optional().meta({ description: 'false leaves out what the user has muted.' }) }),
    output: z.strictObject({
      conversations: count.meta({ description: 'With something unread, or marked unread.' }), messages: count, mentions: count.meta({ description: 'Unread messages that mention the user, or everyone.' }),
      complete: z.boolean().meta({ description: `False when more than ${limits.unread_conversations_max} have moved since they were read: the last ones to move were counted.` }),
    }),
  },
} as const satisfies Record<string, Operation>;
