/**
 * Refresh tokens: the session's id, 256 bits, and a tag by which they are known as ours. Only a hash of the good one is stored. The next
 * one follows from the one before and a secret of the installation: who asks again, because the answer was lost, gets the same.
 */
import { formatId, idBytes } from '@talaria/protocol';
import { createHash, timingSafeEqual } from 'node:crypto';
import type { Random } from '../../runtime/random.js';
import type { Keyring } from '../auth/keyring.js';

const PREFIX = 'tr_';
const [ID_BYTES, SECRET_BYTES, TAG_BYTES] = [16, 32, 16];
const CHARS = PREFIX.length + Math.ceil(((ID_BYTES + SECRET_BYTES + TAG_BYTES) * 4) / 3);

export interface RefreshToken {
  readonly sessionId: string;
  readonly text: string;
  /** What is stored of it: it has 256 bits, so a plain hash cannot be searched. */
  readonly hash: string;
}

/** @param session its id */
export function firstRefreshToken(keyring: Keyring, random: Random, app: string, session: string): RefreshToken {
  const secret = Buffer.alloc(SECRET_BYTES);
  random.fill(secret);
  return refreshToken(keyring, app, session, secret);
}

/** The one that the token is exchanged for. */
export function nextRefreshToken(keyring: Keyring, app: string, token: RefreshToken): RefreshToken {
  return refreshToken(keyring, app, token.sessionId, keyring.mac('refresh-next', `${app} ${token.text}`));
}

function refreshToken(keyring: Keyring, app: string, sessionId: string, secret: Buffer): RefreshToken {
  const body = Buffer.concat([idBytes('session', sessionId)!, secret]);
  const text = PREFIX + Buffer.concat([body, tagOf(keyring, app, body)]).toString('base64url');
  return { sessionId, text, hash: createHash('sha256').update(text).digest('base64url') };
}

const tagOf = (keyring: Keyring, app: string, body: Buffer): Buffer => keyring.mac('refresh-tag', `${app} ${body.toString('base64url')}`).subarray(0, TAG_BYTES);

/** @returns undefined for what was never a refresh token of the app: nobody can end a session by guessing */
export function readRefreshToken(keyring: Keyring, app: string, text: string): RefreshToken | undefined {
  if (text.length !== CHARS || !text.startsWith(PREFIX)) return undefined;
  const bytes = Buffer.from(text.slice(PREFIX.length), 'base64url');
  if (bytes.length !== ID_BYTES + SECRET_BYTES + TAG_BYTES) return undefined;
  const body = bytes.subarray(0, -TAG_BYTES);
  if (!timingSafeEqual(tagOf(keyring, app, body), bytes.subarray(-TAG_BYTES))) return undefined;
  return refreshToken(keyring, app, formatId('session', body.subarray(0, ID_BYTES)), body.subarray(ID_BYTES));
}
