import { ProtocolError } from '@talaria/protocol';
import type { Caller } from '../domain/caller.js';
import type { Exchange } from './exchange.js';
import type { OperationRoute } from './routes.js';

export const CONSISTENCY_HEADER = 'talaria-consistency';
export const LAG_HEADER = 'talaria-lag-ms';

/**
 * Whether the answer may come from a replica, which is a little behind: only where a backend says so, for this one request, and the
 * operation allows it. Whoever says nothing reads what they have just written.
 *
 * @throws ProtocolError invalid_argument
 */
export function mayLag({ request }: Exchange, { operation }: OperationRoute, caller: Caller): boolean {
  const given = request.headers.get(CONSISTENCY_HEADER);
  if (given === undefined || given === 'strong') return false;
  if (given !== 'eventual') throw new ProtocolError('invalid_argument', 'Talaria-Consistency must be strong or eventual.', { field: 'Talaria-Consistency' });
  return operation.eventual === true && caller.kind !== 'user' && caller.kind !== 'anyone';
}
