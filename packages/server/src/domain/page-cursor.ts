import { ProtocolError } from '@talaria/protocol';
import type { Domain } from './domain.js';

/** The next page's cursor: sealed, because some hold store-wide positions (RES8), and bound to one list of one app. */
export function sealPage(domain: Domain, list: string, value: string | null): string | null {
  return value === null ? null : domain.keyring.seal('page-cursor', Buffer.from(value), list).toString('base64url');
}

/** @throws ProtocolError invalid_argument for a cursor of another list, another app, or none at all */
export function openPage(domain: Domain, list: string, cursor: string | undefined): string | null {
  if (cursor === undefined) return null;
  const value = domain.keyring.open('page-cursor', Buffer.from(cursor, 'base64url'), list);
  if (!value) throw new ProtocolError('invalid_argument', 'after is not a cursor of this list.', { field: 'after' });
  return value.toString();
}
