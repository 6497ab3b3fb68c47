/** What of a command can be judged without the server. */
import { isUuid7 } from '@talaria/protocol';
import { TalariaError } from '../errors.js';
import { limits } from '../limits.js';
import type { OutboxCommand } from './entry.js';

/** Of one value in the store, in UTF-8. A store may rely on it. */
export const VALUE_BYTES_MAX = 128 * 1024;
/** For what a frame holds beside a call's JSON. */
const FRAME_ROOM_BYTES = 512;

const encoder = new TextEncoder();
export const fits = (text: string, bytes_max: number): boolean => text.length <= bytes_max && encoder.encode(text).length <= bytes_max;

/**
 * SND6: a frame that is larger than its bounds ends the connection, and would end every later one that takes it up from the
 * store, so it is refused before. What else is wrong with a command the server says.
 *
 * @returns why it is refused
 */
export function refusalOf(command: OutboxCommand): TalariaError | undefined {
  if (!isUuid7(command.clientId)) return new TalariaError('invalid_argument', 'clientId must be a UUIDv7 in lower case.', { remediation: 'Make it with clientIdFrom, or leave it out.' });
  const small = command.kind === 'send'
    ? fits(command.text, limits.text_chars_max * 4) && fits(command.data, limits.data_bytes_max)
    : fits(command.json, limits.frame_bytes_max - FRAME_ROOM_BYTES);
  if (small && fits(JSON.stringify(command), VALUE_BYTES_MAX)) return undefined;
  return new TalariaError('too_large', 'The command is larger than one may be.', { remediation: `Send less at once: text has at most ${limits.text_chars_max} characters, data ${limits.data_bytes_max} bytes.` });
}

/** SND3: whether two commands with one client id ask for the same. */
export function isSame(command: OutboxCommand, other: OutboxCommand): boolean {
  const fields = new Map<string, unknown>(Object.entries(other));
  return Object.entries(command).every(([name, value]) => fields.get(name) === value);
}

export function mismatch(): TalariaError {
  return new TalariaError('idempotency_mismatch', 'This client id was used for another command.', { remediation: 'Use a new client id for a new message.' });
}
