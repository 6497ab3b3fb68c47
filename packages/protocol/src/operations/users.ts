import { z } from 'zod';
import { limits } from '../limits.js';
import type { Operation } from './operation.js';
import { conversation, data, externalId, limit, name, page, pageCursor, user, userRef, userRefOrMe } from './schemas.js';

const tag = 'users';

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
  'users.update': {
    method: 'PATCH', path: '/v1/users/{user_id}', tag, user: true, scope: 'users:write', command: false,
    summary: 'Change a profile; a user changes only their own.',
    input: z.strictObject({ user_id: userRefOrMe, name: name.optional(), data: data.optional() }),
    output: user,
  },
  'users.list': {
    method: 'GET', path: '/v1/users', tag, user: false, scope: 'users:read', command: false,
    eventual: true, summary: 'List users in the order in which they were made.',
    input: z.strictObject({ limit, after: pageCursor.optional() }), output: page(user),
  },
  'inbox.list': {
    method: 'GET', path: '/v1/users/{user_id}/conversations', tag, user: true, scope: 'conversations:read', command: false,
    eventual: true, summary: 'The conversations of a user, latest activity first, each with its last message and unread count.',
    input: z.strictObject({ user_id: userRefOrMe, limit, after: pageCursor.optional() }), output: page(conversation),
  },
} as const satisfies Record<string, Operation>;
