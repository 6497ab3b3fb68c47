/** Who is signed in to this backend: a cookie of its own, which has nothing to do with Talaria's tokens. */
import { createHash, randomBytes } from 'node:crypto';
import type { User } from './users.js';

export interface Session {
  readonly user: User;
  /** Talaria's tokens of this session are minted for this device, so that signing out ends them, and no others of the user. */
  readonly deviceId: string;
}

export interface Sessions {
  /** @returns the value of the `set-cookie` header */
  begin(user: User): string;
  /** @param cookies the header that the browser sent */
  find(cookies: string | undefined): Session | undefined;
  /** @returns the value of the `set-cookie` header */
  end(cookies: string | undefined): string;
}

const NAME = 'session';
const LIFE_S = 86_400;
const SESSIONS_MAX = 10_000;
/** Not for other sites (CSRF), and not for scripts. Behind TLS, which a real one is, add `Secure`. */
const ATTRIBUTES = 'Path=/; HttpOnly; SameSite=Strict';

/** @param now milliseconds since 1970 */
export function createSessions(now: () => number = Date.now): Sessions {
  /** By the hash of the secret: whoever reads this memory cannot sign in with it. The oldest stand first. */
  const sessions = new Map<string, Session & { readonly endsMs: number }>();
  const keyOf = (secret: string): string => createHash('sha256').update(secret).digest('hex');
  const secretOf = (cookies = ''): string | undefined => new RegExp(`(?:^|; *)${NAME}=([\\w-]{43})(?:;|$)`).exec(cookies)?.[1];

  return {
    begin(user) {
      const [oldest] = sessions.keys();
      if (sessions.size >= SESSIONS_MAX && oldest !== undefined) sessions.delete(oldest);
      const secret = randomBytes(32).toString('base64url');
      sessions.set(keyOf(secret), { user, deviceId: `web-${randomBytes(9).toString('base64url')}`, endsMs: now() + LIFE_S * 1_000 });
      return `${NAME}=${secret}; Max-Age=${LIFE_S}; ${ATTRIBUTES}`;
    },
    find(cookies) {
      const secret = secretOf(cookies);
      const session = secret === undefined ? undefined : sessions.get(keyOf(secret));
      return session && session.endsMs > now() ? session : undefined;
    },
    end(cookies) {
      const secret = secretOf(cookies);
      if (secret !== undefined) sessions.delete(keyOf(secret));
      return `${NAME}=; Max-Age=0; ${ATTRIBUTES}`;
    },
  };
}
