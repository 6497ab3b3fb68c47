/** The cookie of an operator's session (RFC 6265bis): read strictly, and written so that no other site and no script gets at it. */
import { ProtocolError } from '@talaria/protocol';
import { LIFE_MS } from '../domain/operators/sessions.js';
import type { Exchange } from './exchange.js';
import { siteOf, type Site } from './site.js';

const NAME = 'talaria_session';

/** Browsers take the prefix only over TLS, from this very host: no neighbour can plant such a cookie. Without TLS there is no such thing. */
const nameFor = ({ secure }: Site): string => (secure ? `__Host-${NAME}` : NAME);

/**
 * What the cookie holds.
 *
 * @throws ProtocolError unauthenticated for two of them: one was planted, and nobody knows which
 */
export function cookieOf(exchange: Exchange): string | undefined {
  const header = exchange.request.headers.get('cookie');
  if (header === undefined) return undefined;
  const site = siteOf(exchange);
  // Without TLS only what stays on one machine is listened to.
  if (!site.secure && !site.loopback) return undefined;
  const begin = `${nameFor(site)}=`;
  const found = header.split(';').map((part) => part.trim()).filter((part) => part.startsWith(begin));
  if (found.length > 1) throw new ProtocolError('unauthenticated', `There are two cookies ${nameFor(site)}. Remove them, and sign in again.`);
  return found[0]?.slice(begin.length);
}

/** @param secret 43 characters of base64url */
export function setCookie(exchange: Exchange, secret: string): [string, string] {
  const site = siteOf(exchange);
  return ['set-cookie', `${nameFor(site)}=${secret}; ${attributes(site)}; Max-Age=${LIFE_MS / 1_000}`];
}

export function clearCookie(exchange: Exchange): [string, string] {
  const site = siteOf(exchange);
  return ['set-cookie', `${nameFor(site)}=; ${attributes(site)}; Max-Age=0`];
}

const attributes = ({ secure }: Site): string => `Path=/; HttpOnly; SameSite=Strict${secure ? '; Secure' : ''}`;
