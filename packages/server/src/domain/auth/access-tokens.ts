/** Tokens that act as a key, with some of its scopes, for a while (RFC 6749, section 4.4). */
import { scopes as allScopes, type Scope } from '@talaria/protocol/operations';
import type { KeyRow } from '../../storage/rows.js';
import type { Keyring } from './keyring.js';

/** How long one lives, in seconds, unless its key ends earlier. */
export const ACCESS_TOKEN_S = 3_600;
export const ACCESS_TOKEN_PREFIX = 'ta_';
/** Longer than one of an admin key or of all scopes. */
const CHARS_MAX = 512;
/** A token is of the whole installation: whose it is stands inside. */
const CONTEXT = '';

export interface AccessToken {
  readonly keyId: string;
  readonly scopes: readonly Scope[];
  readonly expiresMs: number;
}

/**
 * Sealed and not stored: whoever opens it still asks the key directory whether the key is good (RES6).
 *
 * @param token its scopes are among those of the key
 */
export function sealAccessToken(keyring: Keyring, { keyId, scopes, expiresMs }: AccessToken): string {
  const plain = Buffer.from(JSON.stringify([keyId, expiresMs, ...scopes]));
  return `${ACCESS_TOKEN_PREFIX}${keyring.seal('access-token', plain, CONTEXT).toString('base64url')}`;
}

/** @returns undefined for what was not sealed here. That it has expired is not looked at. */
export function openAccessToken(keyring: Keyring, token: string): AccessToken | undefined {
  if (!token.startsWith(ACCESS_TOKEN_PREFIX) || token.length > CHARS_MAX) return undefined;
  const plain = keyring.open('access-token', Buffer.from(token.slice(ACCESS_TOKEN_PREFIX.length), 'base64url'), CONTEXT);
  if (!plain) return undefined;
  const [keyId, expiresMs, ...scopes] = JSON.parse(plain.toString()) as [string, number, ...Scope[]];
  return { keyId, expiresMs, scopes };
}

/**
 * The scopes that are asked for, in the order of the table.
 *
 * @param asked as RFC 6749, section 3.3 writes them: with blanks between; undefined for all of the key's
 * @returns undefined when one is no scope, or none of the key's
 */
export function narrowScopes(key: Pick<KeyRow, 'scopes'>, asked: string | undefined): readonly Scope[] | undefined {
  const wanted = new Set(asked === undefined ? key.scopes : asked.split(' ').filter((one) => one !== ''));
  const found = allScopes.filter((scope) => wanted.has(scope) && key.scopes.includes(scope));
  return found.length > 0 && found.length === wanted.size ? found : undefined;
}
