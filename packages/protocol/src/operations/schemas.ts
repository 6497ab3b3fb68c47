/** The shapes that operations share. Every object is strict: an unknown field is refused, never ignored. */
import { z } from 'zod';
import { isId, parseMessageId, parsePlaceId } from '../ids.js';
import { limits } from '../limits.js';
import { actions, roles } from '../permissions.js';

const encoder = new TextEncoder();
/** Control characters never belong in names and ids; line breaks are fine in message text. */
const printable = /^[^\p{Cc}\p{Zl}\p{Zp}]*$/u;

const id = (kind: 'conversation' | 'user' | 'app' | 'tenant' | 'key' | 'session' | 'operator' | 'connection', example: string) =>
  z.string().max(64).refine((value) => isId(kind, value), { error: `must be the id of a ${kind}` }).meta({ example });

export const conversationId = id('conversation', 'c_06aqx7m4e5v2k8r0d1f3g5h7j8');
export const userId = id('user', 'u_06aqx7m4e5v2k8r0d1f3g5h7j8');
export const appId = id('app', 'a_06aqx7m4e5v2k8r0d1f3g5h7j8');
export const tenantId = id('tenant', 't_06aqx7m4e5v2k8r0d1f3g5h7j8');
export const keyId = id('key', 'k_06aqx7m4e5v2k8r0d1f3g5h7j8');
export const sessionId = id('session', 's_06aqx7m4e5v2k8r0d1f3g5h7j8');
export const operatorId = id('operator', 'o_06aqx7m4e5v2k8r0d1f3g5h7j8');
export const connectionId = id('connection', 'n_06aqx7m4e5v2k8r0d1f3g5h7j8');
export const messageId = z.string().max(64)
  .refine((value) => parseMessageId(value) !== undefined, { error: 'must be the id of a message' })
  .meta({ example: 'm_06aqx7m4e5v2k8r0d1f3g5h7j80000000002m' });

export const linkId = z.string().max(64).refine((value) => parsePlaceId('link', 'conversation', value) !== undefined, { error: 'must be the id of a link' })
  .meta({ example: 'l_06aqx7m4e5v2k8r0d1f3g5h7j80000000002m' });

export const scheduledId = z.string().max(64).refine((value) => parsePlaceId('scheduled', 'user', value) !== undefined, { error: 'must be the id of a scheduled message' })
  .meta({ example: 'w_06aqx7m4e5v2k8r0d1f3g5h7m80000000002m' });
export const heldId = z.string().max(64).refine((value) => parsePlaceId('held', 'user', value) !== undefined, { error: 'must be the id of a message that waits for approval' })
  .meta({ example: 'h_06aqx7m4e5v2k8r0d1f3g5h7m80000000002m' });

export const callId = z.string().max(64).refine((value) => parsePlaceId('call', 'conversation', value) !== undefined, { error: 'must be the id of a call' })
  .meta({ example: 'q_06aqx7m4e5v2k8r0d1f3g5h7j80000000002m' });

export const externalId = z.string().min(1).max(limits.external_id_chars_max).regex(printable, 'must not hold control characters')
  .refine((value) => !value.startsWith('ext:'), { error: 'must not begin with ext:' }).meta({ example: 'alice' });

/** A user by Talaria's id, or by the customer's own as `ext:…`. */
export const userRef = z.string().max(limits.external_id_chars_max + 4)
  .refine((value) => isId('user', value) || (value.startsWith('ext:') && externalId.safeParse(value.slice(4)).success), {
    error: "must be a user's id, or ext: followed by your own id of the user",
  }).meta({ example: 'ext:alice', description: "A user's id (`u_…`), or `ext:` followed by your own id of the user." });
/** The same, or `me` for the user of the token. */
export const userRefOrMe = z.union([z.literal('me'), userRef]);

export const deviceId = z.string().min(1).max(limits.device_id_chars_max).regex(printable, 'must not hold control characters');
/** What a token says it is, or is of. */
export const tokenName = z.string().min(1).max(128).regex(printable, 'must not hold control characters');

export const name = z.string().max(limits.name_chars_max).regex(printable, 'must not hold control characters');
export const text = z.string()
  .refine((value) => [...value].length <= limits.text_chars_max, { error: `must have at most ${limits.text_chars_max} code points` });
export const data = z.record(z.string().max(128), z.json())
  .refine((value) => encoder.encode(JSON.stringify(value)).length <= limits.data_bytes_max, { error: `must have at most ${limits.data_bytes_max} bytes as JSON` })
  .meta({ description: 'Your own JSON object.' });
export const role = z.enum(roles);
/** One of Talaria's roles, or one that the conversation defines. */
export const roleName = z.string().regex(/^[a-z][a-z0-9_]{0,31}$/, 'must be a role of Talaria or of the conversation').meta({ example: 'member' });
export const seq = z.int().min(0);
export const limit = z.int().min(1).max(limits.page_items_max).default(limits.page_items_default);
export const pageCursor = z.string().max(256).meta({ description: 'From `next` of the page before.' });
export const timeMs = z.int().min(0).meta({ description: 'Milliseconds since 1970.' });
export const asUser = userRef.optional().meta({ description: 'The user on whose behalf a backend acts; without it the backend acts as itself.' });

/** What every command answers: its place in the log (SND1, SND2). */
export const commandResult = z.strictObject({
  id: z.string().meta({ description: 'The id of what the command made or changed.' }),
  conversation_id: conversationId,
  seq,
  stream: z.string().meta({ description: 'The stream that seq is of: the conversation, or the user whose own state has changed.' }),
  time_ms: timeMs,
  duplicate: z.boolean().meta({ description: 'True when this client_id had been executed before; nothing was done again.' }),
});

/** The same, for what concerns no conversation. */
export const userCommandResult = commandResult.omit({ conversation_id: true });

export const user = z.strictObject({
  id: userId, external_id: externalId, name, avatar_url: z.string().nullable(), data, created_ms: timeMs, updated_ms: timeMs, deactivated_ms: timeMs.nullable(),
});

export const presence = z.strictObject({
  user_id: userId,
  online: z.boolean().meta({ description: 'Whether a socket of the user is open on any node, or was two seconds ago.' }),
  state: z.enum(['online', 'away', 'offline']).meta({ description: '`away`: connected, and turned away from every device.' }),
  devices: z.int().min(0).meta({ description: 'How many devices are connected.' }),
  last_seen_ms: timeMs.nullable().meta({ description: 'When the user was last connected, up to a minute later at worst; now while they are. Null when that is not known.' }),
});

export const membership = z.strictObject({
  role: roleName, joined_seq: seq, left_seq: seq.nullable(), read_seq: seq, delivered_seq: seq, unread: z.int().min(0).max(limits.unread_max),
  mentions: z.int().min(0).max(limits.unread_max).meta({ description: 'Unread messages that mention the user, or everyone.' }),
  muted_until_ms: timeMs.nullable(), pinned_ms: timeMs.nullable(), archived_ms: timeMs.nullable(), hidden: z.boolean().meta({ description: 'Hidden until something new comes.' }),
});

export const avatarUrl = z.union([z.literal(''), z.url({ protocol: /^https?$/ }).max(2_048)]).meta({ description: 'Where the picture is; empty for none.' });
const action = z.enum(actions as [string, ...string[]]);
const seconds = z.int().min(1).max(366 * 86_400);
export const customRoles = z.record(
  z.string().regex(/^[a-z][a-z0-9_]{0,31}$/, 'must begin with a letter and hold letters, digits and underscores').refine((value) => !(roles as readonly string[]).includes(value), { error: 'is a role of Talaria' }),
  z.strictObject({ like: z.enum(roles), may: z.array(action).max(actions.length).optional(), may_not: z.array(action).max(actions.length).optional() }),
).refine((value) => Object.keys(value).length <= limits.custom_roles_max, { error: `must hold at most ${limits.custom_roles_max} roles` })
  .meta({ description: 'Roles that the conversation defines: each ranks like one of Talaria, and may more or less.' });
export const messageTimer = z.strictObject({ after: z.enum(['sent', 'read']), seconds });
export const settings = z.strictObject({
  frozen: z.boolean(), slow_mode_s: z.int().min(0), approval: z.strictObject({ timeout_s: seconds }).nullable(), message_timer: messageTimer.nullable(), one_reaction: z.boolean(),
  join: z.enum(['invited', 'on_request', 'open']), roles: customRoles,
});
/** What changes; the rest stays. */
export const settingsInput = z.strictObject({
  frozen: z.boolean().optional().meta({ description: 'Nobody writes but who may write without limits.' }),
  slow_mode_s: z.int().min(0).max(86_400).optional().meta({ description: 'Seconds between two messages of a member; 0 for none.' }),
  approval: z.strictObject({ timeout_s: seconds }).nullable().optional().meta({ description: 'Messages wait until they are approved, and are rejected when the time is over. Null: they do not wait.' }),
  message_timer: messageTimer.nullable().optional().meta({ description: 'Messages disappear so long after they were sent, or first read by somebody else. Null: they stay.' }),
  one_reaction: z.boolean().optional().meta({ description: 'A member has at most one reaction to a message.' }),
  join: z.enum(['invited', 'on_request', 'open']).optional().meta({ description: 'Who may join without being added or invited: nobody, whoever is let in, everybody.' }), roles: customRoles.optional(),
});

export const reaction = z.string().min(1).refine((value) => [...value].length <= limits.reaction_chars_max, { error: `must have at most ${limits.reaction_chars_max} code points` })
  .regex(printable, 'must not hold control characters').meta({ example: '👍', description: 'An emoji, or a name of your own.' });
const pollText = z.string().min(1).max(limits.poll_text_chars_max).regex(printable, 'must not hold control characters');
export const pollOptionId = z.string().regex(/^[1-9][0-9]?$/, 'must be the id of an option').meta({ example: '1', description: 'Options are numbered from 1.' });

/** What a sender says of a poll. */
export const pollInput = z.strictObject({
  question: pollText, options: z.array(pollText).min(2).max(limits.poll_options_max), multiple: z.boolean().default(false), anonymous: z.boolean().default(false),
  closes_in_s: z.int().min(10).max(366 * 86_400).optional(),
});
/** Whom a sender mentions. */
export const mentionsInput = z.strictObject({
  user_ids: z.array(userRef).max(limits.mentions_max).default([]), here: z.boolean().default(false), everyone: z.boolean().default(false),
});

export const mentions = z.strictObject({ user_ids: z.array(userId), here: z.boolean(), everyone: z.boolean() });
export const poll = z.strictObject({
  question: z.string(), options: z.array(z.strictObject({ id: pollOptionId, text: z.string(), votes: z.int().min(0) })), multiple: z.boolean(), anonymous: z.boolean(),
  closes_ms: timeMs.nullable(), closed_ms: timeMs.nullable(), voters: z.int().min(0), own: z.array(pollOptionId).meta({ description: 'What the viewer has chosen.' }),
});
export const threadSummary = z.strictObject({
  replies: z.int().min(0), last_seq: seq, last_ms: timeMs, user_ids: z.array(userId).meta({ description: 'Who replied last, the latest first; at most five.' }),
});

export const message = z.strictObject({
  id: messageId, conversation_id: conversationId, seq, sender_id: userId.nullable(), text: z.string(), data,
  silent: z.boolean(), system: z.boolean(), created_ms: timeMs, edited_ms: timeMs.nullable(), deleted_ms: timeMs.nullable(),
  client_id: z.string().nullable(),
  thread_id: messageId.nullable().meta({ description: 'Of a reply: the message that its thread began with.' }),
  in_main: z.boolean().meta({ description: 'Whether it stands in the history of the conversation, and not in a thread only.' }),
  quoted_id: messageId.nullable(), mentions, forwarded: z.strictObject({ sender_id: userId.nullable(), created_ms: timeMs }).nullable(), expires_ms: timeMs.nullable(),
  reactions: z.array(z.strictObject({ reaction: z.string(), count: z.int().min(1), own: z.boolean() })),
  pinned: z.strictObject({ user_id: userId.nullable(), time_ms: timeMs }).nullable(), poll: poll.nullable(), thread: threadSummary.nullable(),
  previews: z.array(z.strictObject({ url: z.string(), title: z.string().optional(), description: z.string().optional(), image_url: z.string().optional() })),
});

export const conversation = z.strictObject({
  id: conversationId, kind: z.enum(['direct', 'group', 'channel']), name, avatar_url: z.string().nullable(), data, history: z.enum(['from_join', 'all']), settings, member_count: z.int(),
  head_seq: seq, floor_seq: seq, created_ms: timeMs, updated_ms: timeMs, membership: membership.nullable(),
  last_message: message.nullable(),
});

export const member = z.strictObject({ user_id: userId, role: roleName, joined_seq: seq, joined_ms: timeMs });
export const mark = z.strictObject({ user_id: userId, delivered_seq: seq, read_seq: seq, version: seq });

/** A fact in its JSON form, as HTTP and logs show it. */
export const fact = z.strictObject({
  seq, event_id: z.string(), type: z.string(), version: z.int(), actor: userId.nullable(), time_ms: timeMs, target_seq: seq.nullable(),
  client_id: z.string().nullable(), trace_id: z.string(), redacted: z.boolean(), body: z.record(z.string(), z.json()),
});

export const range = z.strictObject({ from_seq: seq, to_seq: seq, cause: z.enum(['membership', 'retention']) });

export const page = <T extends z.ZodType>(item: T) => z.strictObject({
  items: z.array(item),
  next: pageCursor.nullable().meta({ description: 'Give it as `after` for the next page; null on the last one.' }),
});
export const empty = z.strictObject({});

export const accountView = z.strictObject({
  user_id: userId, login: z.string().nullable().meta({ description: 'Null for a guest.' }), guest: z.boolean(), created_ms: timeMs, changed_ms: timeMs,
});

export const session = z.strictObject({
  id: sessionId, device_id: z.string(), device_name: z.string(), created_ms: timeMs,
  used_ms: timeMs.meta({ description: 'When its refresh token was last exchanged.' }), expires_ms: timeMs.meta({ description: 'When it ends unless it is used before.' }),
  current: z.boolean().meta({ description: 'Whether it is the one that asks.' }),
});

export const login = z.string().min(3).max(254).regex(/^[^\p{Cc}\p{Z}]+$/u, 'must not hold blanks or control characters')
  .meta({ description: 'A name or an e-mail address. Capitals do not matter.', example: 'alice@example.com' });
/** Bounded before it is hashed, which costs by its length too. How good it must be, the server says. */
export const password = z.string().min(1).max(256).meta({ description: 'At least 8 characters.', example: 'correct horse battery staple' });
