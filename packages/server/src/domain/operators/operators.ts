/** Those who run the installation, as they and its admin keys see them. */
import { ProtocolError } from '@talaria/protocol';
import type { OperationInput, OperationOutput } from '@talaria/protocol/operations';
import type { OperatorRow } from '../../storage/rows.js';
import type { ActingOperator, Manager } from '../caller.js';
import type { Domain } from '../domain.js';
import { attemptPassword } from '../identity/attempt-limits.js';
import { checkPassword, passwordText } from '../identity/password-rules.js';
import { openPage, sealPage } from '../page-cursor.js';
import { INSTALLATION } from './installation.js';
import { checkGiving, checkReach, noSuchOperator } from './reach.js';
import { operatorView } from './view.js';

type View = OperationOutput<'operators.get'>;

const lastOwner = (): ProtocolError => new ProtocolError('conflict', 'This is the last owner who can sign in. Make another one first.', { field: 'operator_id' });

export async function listOperators(domain: Domain, _caller: Manager, input: OperationInput<'operators.list'>): Promise<OperationOutput<'operators.list'>> {
  const page = await domain.storage.operators(input.limit, openPage(domain, 'operators', input.after));
  return { items: page.items.map(operatorView), next: sealPage(domain, 'operators', page.more ? page.items.at(-1)?.id ?? null : null) };
}

/** @throws ProtocolError not_found */
export async function getOperator(domain: Domain, _caller: Manager, input: OperationInput<'operators.get'>): Promise<View> {
  const row = await domain.storage.operator(input.operator_id);
  if (!row) throw noSuchOperator();
  return operatorView(row);
}

/** @throws ProtocolError forbidden for an admin key */
export async function getMe(domain: Domain, caller: Manager): Promise<View> {
  return operatorView(await self(domain, acting(caller)));
}

function acting(caller: Manager): ActingOperator {
  if (caller.kind !== 'operator') throw new ProtocolError('forbidden', 'An operator asks this, by a cookie.');
  return caller.operator;
}

/** @throws ProtocolError unauthenticated for who has been deleted in this moment */
async function self(domain: Domain, { id }: ActingOperator): Promise<OperatorRow> {
  const row = await domain.storage.operator(id);
  if (!row) throw new ProtocolError('unauthenticated');
  return row;
}

/**
 * Whoever it is may change their own name. Role and disabled are for who manages them.
 *
 * @throws ProtocolError not_found, forbidden, conflict for the last owner
 */
export async function updateOperator(domain: Domain, caller: Manager, input: OperationInput<'operators.update'>): Promise<View> {
  const { operator_id: id, name, role, disabled } = input;
  await checkReach(domain, caller, id, role === undefined && disabled === undefined ? 'own' : undefined);
  if (role !== undefined) checkGiving(caller, role);
  const change = { ...(name === undefined ? {} : { name }), ...(role === undefined ? {} : { role }), ...(disabled === undefined ? {} : { disabled }) };
  const result = await domain.storage.changeOperator(id, change);
  switch (result.outcome) {
    case 'done': return operatorView(result.row);
    case 'absent': throw noSuchOperator();
    case 'last_owner': throw lastOwner();
  }
}

/** @throws ProtocolError not_found, forbidden, conflict for the last owner */
export async function deleteOperator(domain: Domain, caller: Manager, input: OperationInput<'operators.delete'>): Promise<Record<string, never>> {
  await checkReach(domain, caller, input.operator_id);
  switch (await domain.storage.deleteOperator(input.operator_id)) {
    case 'done': return {};
    case 'absent': throw noSuchOperator();
    case 'last_owner': throw lastOwner();
  }
}

/** @throws ProtocolError forbidden, invalid_credentials, invalid_argument, rate_limited, overloaded */
export async function changeOperatorPassword(domain: Domain, caller: Manager, input: OperationInput<'operators.password'>): Promise<Record<string, never>> {
  const operator = acting(caller);
  const { login, passwordHash: known } = await self(domain, operator);
  if (login === null || known === null) throw new ProtocolError('unauthenticated');
  checkPassword(input.new_password, login, 'new_password');
  const attempt = await attemptPassword(domain, INSTALLATION, operator.id);
  const undo = async (error: unknown): Promise<never> => {
    await attempt.undone();
    throw error;
  };
  if (!await domain.passwords.verify(known, passwordText(input.current_password)).catch(undo)) throw new ProtocolError('invalid_credentials', 'The current password is another one.', { field: 'current_password' });
  const passwordHash = await domain.passwords.hash(passwordText(input.new_password)).catch(undo);
  await attempt.succeeded();
  // Whoever knew the old one is out.
  await domain.storage.changeOperator(operator.id, { passwordHash, keepSession: operator.sessionId });
  return {};
}
