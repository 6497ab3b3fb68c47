import { z } from 'zod';
import { limits } from '../limits.js';
import type { Operation } from './operation.js';
import { asUser, commandResult, conversationId, limit, linkId, name, page, pageCursor, roleName, timeMs, userId, userRef, userRefOrMe } from './schemas.js';

const write = { user: true, scope: 'conversations:write', command: true } as const;
const read = { user: true, scope: 'conversations:read', command: false } as const;
const joinsAs = roleName.optional().meta({ description: 'The role with which one joins. `member` by default; in a channel `reader`.' });
const code = z.string().max(128).meta({ example: 'l_06aqx7m4e5v2k8r0d1f3g5h7j80000000002m-AbCdEfGhIjKlMnOpQrStUv' });
const expires = z.int().min(60).max(366 * 86_400).optional();
const link = z.strictObject({
  id: linkId, code, role: roleName, created_by: userId.nullable(), created_ms: timeMs, expires_ms: timeMs.nullable(), uses_max: z.int().nullable(), uses: z.int(), approval: z.boolean(),
});

/** Ways into a conversation beside being added. */
export const joiningOperations = {
  'invitations.create': {
    method: 'POST', path: '/v1/conversations/{conversation_id}/invitations', tag: 'invitations', ...write,
    summary: 'Invite users: they become members when they accept.',
    input: z.strictObject({ conversation_id: conversationId, user_ids: z.array(userRef).min(1).max(limits.members_per_command_max), role: joinsAs, expires_in_s: expires, as_user_id: asUser }), output: commandResult,
  },
  'invitations.list': {
    method: 'GET', path: '/v1/conversations/{conversation_id}/invitations', tag: 'invitations', ...read,
    summary: 'Who is invited to a conversation and has not answered.',
    input: z.strictObject({ conversation_id: conversationId, limit, after: pageCursor.optional() }),
    output: page(z.strictObject({ user_id: userId, role: roleName, invited_by: userId.nullable(), created_ms: timeMs, expires_ms: timeMs.nullable() })),
  },
  'invitations.revoke': {
    method: 'DELETE', path: '/v1/conversations/{conversation_id}/invitations/{user_id}', tag: 'invitations', ...write,
    summary: 'Take an invitation back.', input: z.strictObject({ conversation_id: conversationId, user_id: userRef, as_user_id: asUser }), output: commandResult,
  },
  'invitations.accept': {
    method: 'POST', path: '/v1/conversations/{conversation_id}/invitation/accept', tag: 'invitations', ...write,
    summary: 'Accept an invitation.', input: z.strictObject({ conversation_id: conversationId, as_user_id: asUser }), output: commandResult,
  },
  'invitations.decline': {
    method: 'POST', path: '/v1/conversations/{conversation_id}/invitation/decline', tag: 'invitations', ...write,
    summary: 'Decline an invitation.', input: z.strictObject({ conversation_id: conversationId, as_user_id: asUser }), output: commandResult,
  },
  'invitations.mine': {
    method: 'GET', path: '/v1/users/{user_id}/invitations', tag: 'invitations', ...read,
    summary: 'The invitations of a user that wait for an answer.',
    input: z.strictObject({ user_id: userRefOrMe, limit, after: pageCursor.optional() }),
    output: page(z.strictObject({ conversation_id: conversationId, kind: z.string(), name, role: roleName, invited_by: userId.nullable(), created_ms: timeMs, expires_ms: timeMs.nullable() })),
  },
  'links.create': {
    method: 'POST', path: '/v1/conversations/{conversation_id}/links', tag: 'links', ...write,
    summary: 'Make a link to join: whoever has its code may join, as long and as often as it says.',
    input: z.strictObject({ conversation_id: conversationId, role: joinsAs, expires_in_s: expires, uses_max: z.int().min(1).max(1_000_000).optional(), approval: z.boolean().default(false), as_user_id: asUser }),
    output: commandResult.extend({ code }),
  },
  'links.list': {
    method: 'GET', path: '/v1/conversations/{conversation_id}/links', tag: 'links', ...read,
    summary: 'The links of a conversation, with their codes and how often they were used.',
    input: z.strictObject({ conversation_id: conversationId }), output: z.strictObject({ items: z.array(link) }),
  },
  'links.revoke': {
    method: 'DELETE', path: '/v1/links/{link_id}', tag: 'links', ...write,
    summary: 'Revoke a link. Who has joined by it stays.', input: z.strictObject({ link_id: linkId, as_user_id: asUser }), output: commandResult,
  },
  'links.get': {
    method: 'POST', path: '/v1/links/look', tag: 'links', ...read,
    summary: 'Which conversation the code of a link leads to, before one joins.',
    input: z.strictObject({ code }), output: z.strictObject({ conversation_id: conversationId, kind: z.string(), name, avatar_url: z.string().nullable(), member_count: z.int(), approval: z.boolean(), expires_ms: timeMs.nullable() }),
  },
  'links.join': {
    method: 'POST', path: '/v1/links/join', tag: 'links', ...write,
    summary: 'Join by the code of a link; or ask to, where the link wants approval.', input: z.strictObject({ code, as_user_id: asUser }), output: commandResult.extend({ joined: z.boolean() }),
  },
  'requests.create': {
    method: 'POST', path: '/v1/conversations/{conversation_id}/join', tag: 'requests', ...write,
    summary: 'Join a conversation that is open, or ask to join one that takes requests.',
    input: z.strictObject({ conversation_id: conversationId, text: z.string().max(limits.note_chars_max).default(''), as_user_id: asUser }), output: commandResult.extend({ joined: z.boolean() }),
  },
  'requests.list': {
    method: 'GET', path: '/v1/conversations/{conversation_id}/requests', tag: 'requests', ...read,
    summary: 'Who has asked to join and waits for an answer.',
    input: z.strictObject({ conversation_id: conversationId, limit, after: pageCursor.optional() }), output: page(z.strictObject({
      user_id: userId, text: z.string(), role: roleName.nullable().meta({ description: 'That of the link by which one has asked. Null: `member`, in a channel `reader`.' }),
      link_id: linkId.nullable().meta({ description: 'The link by which one has asked. Null: by none.' }), created_ms: timeMs,
    })),
  },
  'requests.approve': {
    method: 'POST', path: '/v1/conversations/{conversation_id}/requests/{user_id}/approve', tag: 'requests', ...write,
    summary: 'Let somebody in who has asked to join.', input: z.strictObject({ conversation_id: conversationId, user_id: userRef, as_user_id: asUser }), output: commandResult,
  },
  'requests.deny': {
    method: 'POST', path: '/v1/conversations/{conversation_id}/requests/{user_id}/deny', tag: 'requests', ...write,
    summary: 'Turn somebody away who has asked to join.', input: z.strictObject({ conversation_id: conversationId, user_id: userRef, as_user_id: asUser }), output: commandResult,
  },
  'requests.withdraw': {
    method: 'DELETE', path: '/v1/conversations/{conversation_id}/join', tag: 'requests', ...write,
    summary: 'Take back that one has asked to join.', input: z.strictObject({ conversation_id: conversationId, as_user_id: asUser }), output: commandResult,
  },
  'requests.mine': {
    method: 'GET', path: '/v1/users/{user_id}/requests', tag: 'requests', ...read,
    summary: 'The conversations that a user has asked to join, and waits for an answer.',
    input: z.strictObject({ user_id: userRefOrMe, limit, after: pageCursor.optional() }),
    output: page(z.strictObject({ conversation_id: conversationId, created_ms: timeMs })),
  },
} as const satisfies Record<string, Operation>;
