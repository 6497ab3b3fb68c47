/**
 * How often passwords may be tried. What is counted is counted before the password is looked at, so that a thousand tries at once are a
 * thousand tries; and whether or not there is such a login, so that nobody learns that.
 */
import { ProtocolError } from '@talaria/protocol';
import { limitName } from '../../runtime/client-address.js';
import type { AttemptRule } from '../../storage/attempts.js';
import type { Keyring } from '../auth/keyring.js';
import type { Domain } from '../domain.js';

const [SECOND_MS, MINUTE_MS, HOUR_MS, DAY_MS] = [1_000, 60_000, 3_600_000, 86_400_000];
/** How long an address is known from which a login has succeeded. */
const KNOWN_MS = 90 * DAY_MS;

const nameOf = (keyring: Keyring, ...parts: readonly string[]): string => keyring.mac('attempt-name', JSON.stringify(parts)).subarray(0, 16).toString('base64url');

/** One login, from one address: a person who does not remember, or somebody who guesses. */
const byPair = (keyring: Keyring, login: string, address: string): AttemptRule =>
  ({ name: nameOf(keyring, 'pair', login, limitName(address)), free: 5, delay_ms: SECOND_MS, delay_ms_max: 15 * MINUTE_MS, keep_ms: DAY_MS });
/**
 * One login, from anywhere: whoever guesses from many addresses. The delay stays short, because it is the owner's, too; and an address
 * from which the owner has logged in before has none.
 */
const byLogin = (keyring: Keyring, login: string): AttemptRule =>
  ({ name: nameOf(keyring, 'login', login), free: 20, delay_ms: SECOND_MS, delay_ms_max: MINUTE_MS, keep_ms: DAY_MS });
/** One address, whatever it tries. Many may sit behind it. */
const byAddress = (keyring: Keyring, address: string): AttemptRule =>
  ({ name: nameOf(keyring, 'address', limitName(address)), free: 50, delay_ms: SECOND_MS, delay_ms_max: 15 * MINUTE_MS, keep_ms: HOUR_MS });
/** Accounts and guests that one address makes. */
const byMaker = (keyring: Keyring, address: string): AttemptRule =>
  ({ name: nameOf(keyring, 'maker', limitName(address)), free: 30, delay_ms: 10 * SECOND_MS, delay_ms_max: 15 * MINUTE_MS, keep_ms: HOUR_MS });
/** A user who is logged in, and says the current password. */
const byUser = (keyring: Keyring, user: string): AttemptRule =>
  ({ name: nameOf(keyring, 'user', user), free: 5, delay_ms: SECOND_MS, delay_ms_max: 15 * MINUTE_MS, keep_ms: DAY_MS });

/** An attempt that is counted. It is settled when it is known what came of it; without that it stays a failed one. */
export interface Attempt {
  succeeded(): Promise<void>;
  /** Nothing has been tried: the server was busy. */
  undone(): Promise<void>;
}

async function take(domain: Domain, app: string, rules: readonly AttemptRule[]): Promise<void> {
  const waitMs = await domain.storage.takeAttempt(app, rules, domain.clock.now());
  if (waitMs > 0) throw new ProtocolError('rate_limited', 'Too many attempts.', { retryAfterMs: Math.ceil(waitMs) });
}

/** @throws ProtocolError rate_limited */
export async function attemptLogin(domain: Domain, app: string, login: string, address: string): Promise<Attempt> {
  const { keyring, storage, clock } = domain;
  const known = nameOf(keyring, 'known', login, limitName(address));
  const [pair, anywhere, all] = [byPair(keyring, login, address), byLogin(keyring, login), byAddress(keyring, address)];
  const rules = [pair, all, ...(await storage.attemptKnown(app, known, clock.now()) ? [] : [anywhere])];
  await take(domain, app, rules);
  return {
    // The address goes on: whoever has one account could try another's in between.
    succeeded: () => storage.settleAttempt(app, { forget: [pair.name, anywhere.name], back: [all.name], known: { name: known, untilMs: clock.now() + KNOWN_MS } }, clock.now()),
    undone: () => storage.settleAttempt(app, { forget: [], back: rules.map(({ name }) => name), known: null }, clock.now()),
  };
}

/** @throws ProtocolError rate_limited */
export async function attemptPassword(domain: Domain, app: string, user: string): Promise<Attempt> {
  const rule = byUser(domain.keyring, user);
  await take(domain, app, [rule]);
  const settle = (forget: readonly string[], back: readonly string[]): Promise<void> => domain.storage.settleAttempt(app, { forget, back, known: null }, domain.clock.now());
  return { succeeded: () => settle([rule.name], []), undone: () => settle([], [rule.name]) };
}

/** Counts an account or a guest that an address makes, or would. @throws ProtocolError rate_limited */
export function attemptToMake(domain: Domain, app: string, address: string): Promise<void> {
  return take(domain, app, [byMaker(domain.keyring, address)]);
}
