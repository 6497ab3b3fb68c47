/** Where operators are signed in: a secret in a cookie, and a second one that pages send along (CSRF). */
import { ProtocolError } from '@talaria/protocol';
import type { OperationInput, OperationOutput } from '@talaria/protocol/operations';
import { timingSafeEqual } from 'node:crypto';
import type { OperatorRow, OperatorSessionRow } from '../../storage/rows.js';
import type { ActingOperator, Manager } from '../caller.js';
import type { Domain } from '../domain.js';
import { checkReach } from './reach.js';
import { newSecret, secretHash } from './secrets.js';
import { operatorView } from './view.js';

/** A session ends when it has not been used for so long, and when it is so old. */
export const IDLE_MS = 12 * 3_600_000;
export const LIFE_MS = 7 * 86_400_000;
/** Of an operator; of more, the oldest ends. */
export const SESSIONS_MAX = 10;
/** When a session was used last is exact to a minute, so that a busy page does not write all the time. */
const USED_STEP_MS = 60_000;

export type SignedIn = OperationOutput<'session.get'>;

export interface LiveSession {
  readonly operator: OperatorRow;
  readonly session: OperatorSessionRow;
}

/** From where an operator signs in. */
export interface Visitor {
  /** After trusted proxies. */
  readonly address: string;
  /** As the browser names itself; cut. */
  readonly agent: string;
}

/** A session that has just begun. */
export interface Begun {
  /** What the cookie holds. It is nowhere else. */
  readonly secret: string;
  readonly caller: ActingOperator;
  readonly signedIn: SignedIn;
}

const live = ({ usedMs, expiresMs }: OperatorSessionRow, nowMs: number): boolean => nowMs < expiresMs && nowMs - usedMs < IDLE_MS;
const idleEndMs = ({ usedMs, expiresMs }: OperatorSessionRow): number => Math.min(usedMs + IDLE_MS, expiresMs);

/** The token that goes with a cookie: nobody can make one who has not been given it, and it says nothing of the cookie. */
export const csrfToken = ({ keyring }: Domain, secret: string): string => keyring.mac('operator-csrf', secret).toString('base64url');

/** In constant time. @param given what a request has in its header */
export function csrfMatches(domain: Domain, secret: string, given: string): boolean {
  const [left, right] = [Buffer.from(csrfToken(domain, secret)), Buffer.from(given)];
  return left.length === right.length && timingSafeEqual(left, right);
}

export function signedInView(domain: Domain, secret: string, { operator, session }: LiveSession): SignedIn {
  return { operator: operatorView(operator), session_id: session.id, csrf_token: csrfToken(domain, secret), idle_expires_ms: idleEndMs(session), expires_ms: session.expiresMs };
}

/**
 * Begins a session. Whatever cookie there was, the secret is a new one (session fixation).
 *
 * @param operator whose password has just been shown to be the one of `passwordHash`
 * @throws ProtocolError invalid_credentials when that has changed meanwhile
 */
export async function beginSession(domain: Domain, operator: OperatorRow, passwordHash: string, { address, agent }: Visitor): Promise<Begun> {
  const nowMs = domain.clock.now();
  const secret = newSecret(domain.random);
  const session: OperatorSessionRow = {
    id: domain.ids.id('session'), operator: operator.id, hash: secretHash(secret)!, address, agent, createdMs: nowMs, usedMs: nowMs, expiresMs: nowMs + LIFE_MS,
  };
  if (!await domain.storage.createOperatorSession(session, passwordHash, SESSIONS_MAX)) throw new ProtocolError('invalid_credentials');
  return { secret, caller: actingAs(operator, session), signedIn: signedInView(domain, secret, { operator: { ...operator, seenMs: nowMs }, session }) };
}

export const actingAs = ({ id, role }: OperatorRow, session: Pick<OperatorSessionRow, 'id'>): ActingOperator => ({ id, role, sessionId: session.id });

/**
 * Whose session a cookie is, as it is now: role and end are read each time, so that what was revoked is over at once on every node.
 *
 * @param secret anything @returns undefined when it is not a live session's
 */
export async function findSession(domain: Domain, secret: string): Promise<LiveSession | undefined> {
  const hash = secretHash(secret);
  const found = hash === undefined ? null : await domain.storage.operatorSession(hash);
  const nowMs = domain.clock.now();
  if (!found || found.operator.disabled || !live(found.session, nowMs)) return undefined;
  if (nowMs - found.session.usedMs < USED_STEP_MS) return found;
  // A lost note ends the session a little earlier; and who looks why the disk takes no writes must not wait for it.
  domain.storage.useOperatorSession(found.session.id, nowMs).catch(() => undefined);
  return { operator: { ...found.operator, seenMs: nowMs }, session: { ...found.session, usedMs: nowMs } };
}

/** Ends a session, if the cookie is one's. */
export async function endSession(domain: Domain, secret: string): Promise<void> {
  const found = await findSession(domain, secret);
  if (found) await domain.storage.endOperatorSessions(found.operator.id, [found.session.id]);
}

/** @throws ProtocolError not_found, forbidden */
export async function listOperatorSessions(domain: Domain, caller: Manager, input: OperationInput<'operators.sessions'>): Promise<OperationOutput<'operators.sessions'>> {
  await checkReach(domain, caller, input.operator_id, 'own');
  const nowMs = domain.clock.now();
  const current = caller.kind === 'operator' ? caller.operator.sessionId : undefined;
  const items = (await domain.storage.operatorSessions(input.operator_id)).filter((row) => live(row, nowMs)).map((row) => ({
    id: row.id, address: row.address, agent: row.agent, created_ms: row.createdMs, used_ms: row.usedMs, idle_expires_ms: idleEndMs(row), expires_ms: row.expiresMs, current: row.id === current,
  }));
  return { items };
}

/** @throws ProtocolError not_found, forbidden */
export async function revokeOperatorSession(domain: Domain, caller: Manager, input: OperationInput<'operators.revoke'>): Promise<Record<string, never>> {
  await checkReach(domain, caller, input.operator_id, 'own');
  if (await domain.storage.endOperatorSessions(input.operator_id, [input.session_id]) === 0) throw new ProtocolError('not_found', 'The operator has no such session.', { field: 'session_id' });
  return {};
}
