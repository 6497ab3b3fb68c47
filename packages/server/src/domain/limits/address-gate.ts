import { ProtocolError } from '@talaria/protocol';
import { createClientAddresses, limitName } from '../../runtime/client-address.js';
import type { Clock } from '../../runtime/clock.js';
import { TokenBuckets, type Rate } from './token-bucket.js';

/**
 * The limit of an address: for whoever has not shown yet who they are. What turns out to be authenticated is given back,
 * so that a backend, or an office behind one address, is limited as what it is, not as where it sits.
 */
export interface AddressGate {
  /** Whose request it is: the connection's address, or what a trusted proxy says. */
  clientOf(address: string, forwardedFor: string | undefined): string;
  /** Whether the connection is of a trusted proxy, whose word on the request counts. */
  trusts(address: string): boolean;
  /** @throws ProtocolError rate_limited, with retryAfterMs */
  admit(client: string): void;
  /** Gives back what `admit` took. */
  authenticated(client: string): void;
  /** For nodes that share their limits. */
  readonly buckets: TokenBuckets;
}

/** @param trustProxy networks whose X-Forwarded-For is believed @throws Error when one is no network */
export function createAddressGate(rate: Rate, trustProxy: readonly string[], clock: Clock): AddressGate {
  const buckets = new TokenBuckets(rate, clock);
  return {
    buckets,
    ...createClientAddresses(trustProxy),
    admit(client) {
      const waitMs = buckets.take(limitName(client));
      if (waitMs > 0) throw new ProtocolError('rate_limited', 'Too many requests of this address.', { retryAfterMs: waitMs });
    },
    authenticated: (client) => buckets.give(limitName(client)),
  };
}
