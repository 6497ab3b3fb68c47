/** The largest length (bytes for strings and bytes) or number of elements of each field that a client sends. */
import { limits } from '../limits.js';

/** A code point takes at most four bytes in UTF-8. */
const utf8 = (chars: number): number => chars * 4;

export const upBounds: Readonly<Record<string, number>> = {
  'Hello.token': limits.token_chars_max,
  'Hello.device_id': utf8(limits.device_id_chars_max),
  'Hello.agent': utf8(limits.agent_chars_max),
  'Hello.sync_token': 512,
  'Hello.cursors': limits.cursors_max,
  'Hello.capabilities': 32,
  'Cursor.stream': 64,
  'Cursor.epoch': 64,
  'Send.client_id': 64,
  'Send.conversation_id': 64,
  'Send.text': utf8(limits.text_chars_max),
  'Send.data': limits.data_bytes_max,
  'Call.op': 64,
  'Call.json': limits.frame_bytes_max,
  'Call.client_id': utf8(limits.client_id_chars_max),
  'Mark.conversation_id': 64,
  'Mark.user_id': 64,
  'Signal.stream': 64,
  'Signal.type': utf8(limits.signal_type_chars_max),
  'Signal.json': limits.signal_bytes_max,
  'Signal.user_id': 64,
  'Follow.stream': 64,
  'Unfollow.stream': 64,
  'Abandon.client_id': 64,
  'Abandon.stream': 64,
  'Refresh.token': limits.token_chars_max,
  'Watch.user_ids': limits.watch_max,
};

/** The largest number of each type; 64-bit numbers stop where JavaScript's are exact. */
export const numberMax = (type: string): number =>
  type === 'uint32' || type === 'fixed32' ? 2 ** 32 - 1 : Number.MAX_SAFE_INTEGER;

/** The largest number that protobuf gives a field. */
export const FIELD_NUMBER_MAX = 2 ** 29 - 1;
/** A string inside a repeated string field. */
export const ELEMENT_BYTES_MAX = 64;
/** Messages inside messages; the schema itself needs three. */
export const DEPTH_MAX = 8;
/** Fields of a newer version that this one skips. */
export const UNKNOWN_FIELDS_MAX = 64;
