import { z } from 'zod';
import { CALL_DECLINED_MAX, CALL_REASONS } from '../calls/state.js';
import { limits } from '../limits.js';
import type { Operation } from './operation.js';
import { asUser, callId, commandResult, conversationId, data, deviceId, limit, page, pageCursor, seq, timeMs, userId, userRefOrMe } from './schemas.js';

const command = { tag: 'calls', user: true, scope: 'messages:write', command: true } as const;
const read = { tag: 'calls', user: true, scope: 'messages:read', command: false } as const;

const kind = z.string().regex(/^[a-z][a-z0-9_]{0,31}$/, 'must begin with a letter and hold letters, digits and underscores').meta({ example: 'video', description: '`audio`, `video`, `data`, or a name of your own.' });
const device = deviceId.meta({ example: 'phone', description: 'Your own id of the device, tab or app that is in the call.' });

const participant = z.strictObject({
  user_id: userId, device_id: deviceId.meta({ description: 'The one device of the user that is in the call.' }),
  joined_seq: seq.meta({ description: 'The fact by which the user came in, the last time.' }), joined_ms: timeMs,
  left_ms: timeMs.nullable().meta({ description: 'Null while the user is in the call.' }),
});
const call = z.strictObject({
  id: callId, conversation_id: conversationId, seq, changed_seq: seq.meta({ description: 'The last fact about it.' }),
  state: z.enum(['ringing', 'ongoing', 'ended']).meta({ description: '`ringing` until somebody answers, `ongoing` until it ends.' }),
  kind: z.string(), data, started_by: userId, started_ms: timeMs, rings_until_ms: timeMs,
  answered_ms: timeMs.nullable().meta({ description: 'When somebody answered first.' }), ended_ms: timeMs.nullable(),
  ended_by: userId.nullable().meta({ description: 'Null also when time or the backend ended it.' }), reason: z.enum(CALL_REASONS).nullable(),
  duration_ms: z.int().min(0).nullable().meta({ description: 'From the first answer to the end; null of a call that nobody answered.' }),
  participants: z.array(participant).meta({ description: 'Who has been in it, each once, in the order in which they first came.' }),
  declined: z.array(userId).meta({ description: `Who has declined it and not answered since; the first ${CALL_DECLINED_MAX}.` }),
});
const one = { call_id: callId, as_user_id: asUser };

/** Calls: who rings whom, who answers, and when it is over. Media go elsewhere. */
export const callOperations = {
  'calls.start': {
    method: 'POST', path: '/v1/calls', ...command,
    summary: 'Call everybody else in a conversation. One call is on in a conversation at a time.',
    input: z.strictObject({
      conversation_id: conversationId, kind, device_id: device, data: data.default({}),
      ring_ms: z.int().min(1_000).max(limits.call_ring_ms_max).default(45_000).meta({ description: 'How long it rings. When nobody has answered by then, it is missed.' }),
      not_after_ms: timeMs.optional().meta({ description: 'A start that arrives later is refused: one that waited for a connection would ring for nobody.' }), as_user_id: asUser,
    }),
    output: commandResult,
  },
  'calls.answer': {
    method: 'POST', path: '/v1/calls/{call_id}/answer', ...command,
    summary: 'Join a call with one device. The first device of a user wins, and the others are refused with `already_answered`.',
    input: z.strictObject({ call_id: callId, device_id: device, as_user_id: asUser }), output: commandResult,
  },
  'calls.decline': {
    method: 'POST', path: '/v1/calls/{call_id}/decline', ...command,
    summary: 'Say that the user will not answer, on all of their devices. It ends when all others have declined.', input: z.strictObject(one), output: commandResult,
  },
  'calls.leave': {
    method: 'POST', path: '/v1/calls/{call_id}/leave', ...command,
    summary: 'Leave a call. A direct call ends by that, and a group call when nobody is left in it.', input: z.strictObject(one), output: commandResult,
  },
  'calls.end': {
    method: 'POST', path: '/v1/calls/{call_id}/end', ...command,
    summary: 'End a call for everybody: whoever started it, both sides of a direct conversation, and who may end calls of others.',
    input: z.strictObject({ call_id: callId, reason: z.enum(['hung_up', 'failed']).default('hung_up').meta({ description: '`failed` when no connection came about.' }), as_user_id: asUser }), output: commandResult,
  },
  'calls.get': {
    method: 'GET', path: '/v1/calls/{call_id}', ...read, summary: 'Get a call.', input: z.strictObject({ call_id: callId }), output: call,
  },
  'calls.list': {
    method: 'GET', path: '/v1/conversations/{conversation_id}/calls', ...read,
    summary: 'The calls of a conversation, the newest first: the one that is on, and those of which the user has seen all.',
    input: z.strictObject({ conversation_id: conversationId, limit, after: pageCursor.optional() }), output: page(call),
  },
  'calls.active': {
    method: 'GET', path: '/v1/users/{user_id}/calls', ...read,
    summary: "The calls that are on in the 200 conversations of a user that moved last: what rings when an app starts.",
    input: z.strictObject({ user_id: userRefOrMe }), output: z.strictObject({ items: z.array(call) }),
  },
} as const satisfies Record<string, Operation>;
