/** Which operators an operator may see and change. */
import { ProtocolError } from '@talaria/protocol';
import { mayManage, type OperatorRole } from '@talaria/protocol/operations';
import type { OperatorRow } from '../../storage/rows.js';
import type { Manager } from '../caller.js';
import type { Domain } from '../domain.js';

export const noSuchOperator = (): ProtocolError => new ProtocolError('not_found', 'There is no such operator.', { field: 'operator_id' });

/** An admin key is as good as an owner: it stands in the data directory. */
const roleOf = (caller: Manager): OperatorRole => (caller.kind === 'admin' ? 'owner' : caller.operator.role);

/**
 * An operator whom the caller may change; whom they may not see they are not told of.
 *
 * @param also whether it may be the caller, too, whatever their role
 * @throws ProtocolError not_found, forbidden
 */
export async function checkReach(domain: Domain, caller: Manager, id: string, also?: 'own'): Promise<OperatorRow> {
  const own = caller.kind === 'operator' && caller.operator.id === id;
  const role = roleOf(caller);
  if (!own && (role === 'moderator' || role === 'viewer')) throw new ProtocolError('forbidden', 'Only an admin or an owner does this for others.');
  const row = await domain.storage.operator(id);
  if (!row) throw noSuchOperator();
  if (!(own && also === 'own') && !mayManage(role, row.role)) throw new ProtocolError('forbidden', 'Only an owner does this for an owner.');
  return row;
}

/** @throws ProtocolError forbidden for a role that the caller may not give */
export function checkGiving(caller: Manager, role: OperatorRole): void {
  if (!mayManage(roleOf(caller), role)) throw new ProtocolError('forbidden', 'Only an owner makes an owner.', { field: 'role' });
}
