/** Links by which operators come in: the first owner, who is invited, and who has lost a password. Each is good once. */
import { ProtocolError } from '@talaria/protocol';
import type { OperationInput, OperationOutput } from '@talaria/protocol/operations';
import type { OperatorLinkRow, OperatorRow } from '../../storage/rows.js';
import type { Manager } from '../caller.js';
import type { Domain } from '../domain.js';
import { checkPassword, loginText, passwordText } from '../identity/password-rules.js';
import { checkGiving, checkReach } from './reach.js';
import { newSecret, secretHash } from './secrets.js';
import { beginSession, type Begun, type Visitor } from './sessions.js';
import { operatorView } from './view.js';

const LINK_MS = 24 * 3_600_000;

type Made = OperationOutput<'operators.link'>;

const spent = (): ProtocolError => new ProtocolError('not_found', 'The link is not good, or not any more. Ask for another one.', { field: 'link' });

/** The secret stands behind the `#`: browsers send that to nobody. @param operator null: for the first owner */
async function makeLink(domain: Domain, operator: string | null): Promise<Made> {
  const secret = newSecret(domain.random);
  const nowMs = domain.clock.now();
  await domain.storage.addOperatorLink({ hash: secretHash(secret)!, operator, createdMs: nowMs, expiresMs: nowMs + LINK_MS });
  return { path: `/dashboard/#link=${secret}`, expires_ms: nowMs + LINK_MS };
}

/** The link by which the first owner comes in. @returns undefined once there is an owner */
export async function firstOwnerLink(domain: Domain): Promise<Made | undefined> {
  return await domain.storage.ownerKnown() ? undefined : makeLink(domain, null);
}

/** @throws ProtocolError forbidden for a role above one's own */
export async function inviteOperator(domain: Domain, caller: Manager, input: OperationInput<'operators.invite'>): Promise<OperationOutput<'operators.invite'>> {
  checkGiving(caller, input.role);
  const row: OperatorRow = {
    id: domain.ids.id('operator'), login: null, name: input.name, role: input.role, passwordHash: null, disabled: false, createdMs: domain.clock.now(), seenMs: null,
  };
  await domain.storage.createOperator(row);
  return { operator: operatorView(row), ...await makeLink(domain, row.id) };
}

/** @throws ProtocolError not_found, forbidden, conflict for who is disabled */
export async function linkOperator(domain: Domain, caller: Manager, input: OperationInput<'operators.link'>): Promise<Made> {
  const row = await checkReach(domain, caller, input.operator_id);
  if (row.disabled) throw new ProtocolError('conflict', 'The operator is disabled.', { field: 'operator_id' });
  return makeLink(domain, row.id);
}

interface Good {
  readonly hash: string;
  readonly link: OperatorLinkRow;
  /** Null for the first owner. */
  readonly operator: OperatorRow | null;
}

/** A link that is good now. It costs no hashing of passwords to find out that one is not. @throws ProtocolError not_found */
async function goodLink(domain: Domain, secret: string): Promise<Good> {
  const hash = secretHash(secret);
  const link = hash === undefined ? null : await domain.storage.operatorLink(hash);
  if (hash === undefined || !link || link.expiresMs <= domain.clock.now()) throw spent();
  const operator = link.operator === null ? null : await domain.storage.operator(link.operator);
  if (link.operator === null ? await domain.storage.ownerKnown() : !operator || operator.disabled) throw spent();
  return { hash, link, operator };
}

/** @throws ProtocolError not_found */
export async function lookAtOperatorLink(domain: Domain, input: OperationInput<'session.link'>): Promise<OperationOutput<'session.link'>> {
  const { link, operator } = await goodLink(domain, input.link);
  return { role: operator?.role ?? 'owner', login: operator?.login ?? null, name: operator?.name ?? '', expires_ms: link.expiresMs };
}

/**
 * Uses a link, and signs in.
 *
 * @throws ProtocolError not_found, invalid_argument, already_exists for a login that another one has, overloaded
 */
export async function acceptOperatorLink(domain: Domain, input: OperationInput<'session.accept'>, visitor: Visitor): Promise<Begun> {
  const { hash, operator } = await goodLink(domain, input.link);
  if (operator?.login && input.login !== undefined && loginText(input.login) !== operator.login) throw new ProtocolError('invalid_argument', 'The link is of an operator who has another login.', { field: 'login' });
  const login = operator?.login ?? (input.login === undefined ? undefined : loginText(input.login));
  if (login === undefined) throw new ProtocolError('invalid_argument', 'Choose a login.', { field: 'login' });
  checkPassword(input.password, login, 'password');
  const passwordHash = await domain.passwords.hash(passwordText(input.password));
  const result = await domain.storage.acceptOperatorLink(hash, { nowMs: domain.clock.now(), login, name: input.name ?? null, passwordHash, newId: domain.ids.id('operator') });
  switch (result.outcome) {
    case 'accepted': return beginSession(domain, result.operator, passwordHash, visitor);
    case 'absent': throw spent();
    case 'taken': throw new ProtocolError('already_exists', 'Another operator has this login.', { field: 'login' });
  }
}
