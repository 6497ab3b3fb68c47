import { ProtocolError } from '@talaria/protocol';
import type { Clock } from '../../runtime/clock.js';
import { TokenBuckets, type Rate } from './token-bucket.js';

export interface LimitRates {
  readonly user: Rate;
  readonly conversation: Rate;
  readonly app: Rate;
}

export const defaultLimitRates: LimitRates = {
  user: { per_s: 100, burst: 500 },
  conversation: { per_s: 1_000, burst: 2_000 },
  app: { per_s: 10_000, burst: 20_000 },
};

/** What is left of the limit that a caller feels first. */
export interface Allowance {
  readonly policy: 'user' | 'app';
  readonly rate: Rate;
  readonly remaining: number;
}

export interface CommandLimits {
  /** Takes one request of the user in the conversation. @throws ProtocolError rate_limited, with retryAfterMs */
  take(app: string, user: string | null, conversation: string | null): void;
  /** For `RateLimit` headers. Undefined when that limit is switched off. */
  allowance(app: string, user: string | null): Allowance | undefined;
  /** For nodes that share their limits. */
  readonly buckets: { readonly user: TokenBuckets; readonly conversation: TokenBuckets; readonly app: TokenBuckets };
}

/** Limits after authentication. Names carry the app, so that no app feels another's rate (ISO1). */
export function createCommandLimits(rates: LimitRates, clock: Clock): CommandLimits {
  const users = new TokenBuckets(rates.user, clock);
  const conversations = new TokenBuckets(rates.conversation, clock);
  const apps = new TokenBuckets(rates.app, clock);
  const refuse = (waitMs: number, whose: string): void => {
    if (waitMs > 0) throw new ProtocolError('rate_limited', `Too many requests of this ${whose}.`, { retryAfterMs: waitMs });
  };
  return {
    buckets: { user: users, conversation: conversations, app: apps },
    take(app, user, conversation) {
      if (user !== null) refuse(users.take(`${app}|${user}`), 'user');
      if (conversation !== null) refuse(conversations.take(`${app}|${conversation}`), 'conversation');
      refuse(apps.take(app), 'app');
    },
    allowance(app, user) {
      const rate = user === null ? rates.app : rates.user;
      if (rate.per_s === 0) return undefined;
      return user === null
        ? { policy: 'app', rate, remaining: apps.remaining(app) }
        : { policy: 'user', rate, remaining: users.remaining(`${app}|${user}`) };
    },
  };
}
