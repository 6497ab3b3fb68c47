/** The shapes that operations share. Every object is strict: an unknown field is refused, never ignored. */
import { z } from 'zod';
import { isId, parseMessageId } from '../ids.js';
import { limits } from '../limits.js';
import { roles } from '../permissions.js';

const encoder = new TextEncoder();
/** Control characters never belong in names and ids; line breaks are fine in message text. */
const printable = /^[^\p{Cc}\p{Zl}\p{Zp}]*$/u;

const id = (kind: 'conversation' | 'user' | 'app' | 'tenant' | 'key' | 'session', example: string) =>
  z.string().max(64).refine((value) => isId(kind, value), { error: `must be the id of a ${kind}` }).meta({ example });

export const conversationId = id('conversation', 'c_06aqx7m4e5v2k8r0d1f3g5h7j8');
export const userId = id('user', 'u_06aqx7m4e5v2k8r0d1f3g5h7j8');
export const appId = id('app', 'a_06aqx7m4e5v2k8r0d1f3g5h7j8');
export const tenantId = id('tenant', 't_06aqx7m4e5v2k8r0d1f3g5h7j8');
export const keyId = id('key', 'k_06aqx7m4e5v2k8r0d1f3g5h7j8');
export const sessionId = id('session', 's_06aqx7m4e5v2k8r0d1f3g5h7j8');
export const messageId = z.string().max(64)
  .refine((value) => parseMessageId(value) !== undefined, { error: 'must be the id of a message' })
  .meta({ example: 'm_06aqx7m4e5v2k8r0d1f3g5h7j80000000002m' });

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
  time_ms: timeMs,
  duplicate: z.boolean().meta({ description: 'True when this client_id had been executed before; nothing was done again.' }),
});

export const user = z.strictObject({
  id: userId, external_id: externalId, name, data, created_ms: timeMs, updated_ms: timeMs,
});

export const presence = z.strictObject({
  user_id: userId,
  online: z.boolean().meta({ description: 'Whether a socket of the user is open on any node, or was two seconds ago.' }),
  devices: z.int().min(0).meta({ description: 'How many devices are connected.' }),
  last_seen_ms: timeMs.nullable().meta({ description: 'When the user was last connected, up to a minute later at worst; now while they are. Null when that is not known.' }),
});

export const membership = z.strictObject({
  role, joined_seq: seq, left_seq: seq.nullable(), read_seq: seq, delivered_seq: seq, unread: z.int().min(0).max(limits.unread_max),
});

export const message = z.strictObject({
  id: messageId, conversation_id: conversationId, seq, sender_id: userId.nullable(), text: z.string(), data,
  silent: z.boolean(), system: z.boolean(), created_ms: timeMs, edited_ms: timeMs.nullable(), deleted_ms: timeMs.nullable(),
  client_id: z.string().nullable(),
});

export const conversation = z.strictObject({
  id: conversationId, kind: z.enum(['direct', 'group']), name, data, history: z.enum(['from_join', 'all']), member_count: z.int(),
  head_seq: seq, floor_seq: seq, created_ms: timeMs, updated_ms: timeMs, membership: membership.nullable(),
  last_message: message.nullable(),
});

export const member = z.strictObject({ user_id: userId, role, joined_seq: seq, joined_ms: timeMs });
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
