import { z } from 'zod';
import { limits } from '../limits.js';
import type { Operation } from './operation.js';
import { asUser, avatarUrl, commandResult, conversation, conversationId, data, fact, limit, member, name, page, pageCursor, range, roleName, seq, settingsInput, timeMs, userRef, userRefOrMe } from './schemas.js';

const tag = 'conversations';
const members = z.array(userRef).min(1).max(limits.members_per_command_max);

export const conversationOperations = {
  'conversations.create': {
    method: 'POST', path: '/v1/conversations', tag, user: true, scope: 'conversations:write', command: true,
    summary: 'Make a group or a channel, or get the one direct conversation of two users.',
    input: z.strictObject({
      kind: z.enum(['direct', 'group', 'channel']).default('group'), name: name.default(''), avatar_url: avatarUrl.default(''), data: data.default({}),
      history: z.enum(['from_join', 'all']).default('from_join'), member_ids: members, as_user_id: asUser,
    }),
    output: commandResult,
  },
  'conversations.get': {
    method: 'GET', path: '/v1/conversations/{conversation_id}', tag, user: true, scope: 'conversations:read', command: false,
    summary: 'Get a conversation; with a user token, also the membership and unread count. A former member learns nothing of its present: no name, data or member count.',
    input: z.strictObject({ conversation_id: conversationId }), output: conversation,
  },
  'conversations.list': {
    method: 'GET', path: '/v1/conversations', tag, user: false, scope: 'conversations:read', command: false,
    eventual: true, summary: 'List the conversations of the app, those made last first; by the words of their names, if wanted.',
    input: z.strictObject({
      q: z.string().max(limits.search_chars_max).optional().meta({ description: 'Words of the name; each may be the beginning of one. Names are looked through, so a page may have fewer items than its limit before the end.' }),
      kind: z.enum(['direct', 'group', 'channel']).optional(), limit, after: pageCursor.optional(),
    }),
    output: page(conversation),
  },
  'conversations.update': {
    method: 'PATCH', path: '/v1/conversations/{conversation_id}', tag, user: true, scope: 'conversations:write', command: true,
    summary: 'Change name, avatar, data or history policy.',
    input: z.strictObject({
      conversation_id: conversationId, name: name.optional(), avatar_url: avatarUrl.optional(), data: data.optional(), history: z.enum(['from_join', 'all']).optional(), as_user_id: asUser,
    }),
    output: commandResult,
  },
  'conversations.settings': {
    method: 'PATCH', path: '/v1/conversations/{conversation_id}/settings', tag, user: true, scope: 'conversations:write', command: true,
    summary: 'Freeze, slow down, hold messages for approval, let them disappear, define roles, choose how one joins. What is not named stays.',
    input: z.strictObject({ conversation_id: conversationId, ...settingsInput.shape, as_user_id: asUser }), output: commandResult,
  },
  'conversations.preferences': {
    method: 'PATCH', path: '/v1/conversations/{conversation_id}/preferences', tag, user: true, scope: 'conversations:write', command: true,
    summary: 'Mute, pin, archive or hide a conversation for oneself, on all devices. What is not named stays.',
    input: z.strictObject({
      conversation_id: conversationId, muted_until_ms: timeMs.nullable().optional().meta({ description: 'Null: not muted. Notifications stay away until then.' }), pinned: z.boolean().optional(),
      archived: z.boolean().optional(), hidden: z.boolean().optional().meta({ description: 'Hidden until something new comes.' }), as_user_id: asUser,
    }),
    output: commandResult,
  },
  'conversations.transfer': {
    method: 'POST', path: '/v1/conversations/{conversation_id}/transfer', tag, user: true, scope: 'conversations:write', command: true,
    summary: 'Hand a conversation over to another member, who becomes its owner. The owner who does it is admin then; a backend that acts for nobody leaves other owners as they are.',
    input: z.strictObject({ conversation_id: conversationId, user_id: userRef, as_user_id: asUser }), output: commandResult,
  },
  'facts.list': {
    method: 'GET', path: '/v1/conversations/{conversation_id}/facts', tag, user: true, scope: 'messages:read', command: false,
    summary: 'The facts of a conversation after a seq, with the ranges that are left out.',
    input: z.strictObject({ conversation_id: conversationId, after_seq: seq.default(0), limit }),
    output: z.strictObject({ items: z.array(fact), from_seq: seq, to_seq: seq, head_seq: seq, floor_seq: seq, omitted: z.array(range) }),
  },
  'facts.changes': {
    method: 'GET', path: '/v1/conversations/{conversation_id}/changes', tag, user: true, scope: 'messages:read', command: false,
    summary: 'The facts after a seq that target messages in one range of seqs (RES3).',
    input: z.strictObject({ conversation_id: conversationId, after_seq: seq, from_seq: seq, to_seq: seq, limit }),
    output: z.strictObject({ items: z.array(fact), to_seq: seq, more: z.boolean() }),
  },
  'members.list': {
    method: 'GET', path: '/v1/conversations/{conversation_id}/members', tag: 'members', user: true, scope: 'conversations:read', command: false,
    eventual: true, summary: 'The members of a conversation.',
    input: z.strictObject({ conversation_id: conversationId, limit, after: pageCursor.optional() }), output: page(member),
  },
  'members.add': {
    method: 'POST', path: '/v1/conversations/{conversation_id}/members', tag: 'members', user: true, scope: 'conversations:write', command: true,
    summary: 'Add users to a group.',
    input: z.strictObject({ conversation_id: conversationId, member_ids: members, role: roleName.optional().meta({ description: 'A role of Talaria or of the conversation. `member` by default; in a channel `reader`.' }), as_user_id: asUser }),
    output: commandResult,
  },
  'members.remove': {
    method: 'DELETE', path: '/v1/conversations/{conversation_id}/members/{user_id}', tag: 'members', user: true, scope: 'conversations:write', command: true,
    summary: 'Remove a user from a group; `me` leaves it.',
    input: z.strictObject({ conversation_id: conversationId, user_id: userRefOrMe, as_user_id: asUser }), output: commandResult,
  },
  'members.update': {
    method: 'PATCH', path: '/v1/conversations/{conversation_id}/members/{user_id}', tag: 'members', user: true, scope: 'conversations:write', command: true,
    summary: "Change a member's role.",
    input: z.strictObject({ conversation_id: conversationId, user_id: userRef, role: roleName, as_user_id: asUser }), output: commandResult,
  },
} as const satisfies Record<string, Operation>;
