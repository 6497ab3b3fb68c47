import type { Caller } from '../domain/caller.js';
import type { CommandLimits } from '../domain/limits/command-limits.js';

/**
 * What the caller has left, as draft-ietf-httpapi-ratelimit-headers-10 writes it: `q` requests in a window of `w` seconds,
 * `r` of them remaining, all back after `t` seconds. A bucket of b that refills at p a second allows b in b / p seconds.
 */
export function rateHeaders(limits: CommandLimits, caller: Caller): [string, string][] {
  const allowance = caller.kind === 'admin' || caller.kind === 'operator' || caller.kind === 'anyone' ? undefined : limits.allowance(caller.app, caller.kind === 'user' ? caller.userId : null);
  if (!allowance) return [];
  const { policy, rate, remaining } = allowance;
  const seconds = (requests: number): number => Math.ceil(requests / rate.per_s);
  return [
    ['ratelimit-policy', `"${policy}";q=${rate.burst};w=${seconds(rate.burst)}`],
    ['ratelimit', `"${policy}";r=${remaining};t=${seconds(rate.burst - remaining)}`],
  ];
}
