import { ProtocolError } from '@talaria/protocol';
import type { OperationInput, OperationOutput } from '@talaria/protocol/operations';
import type { Caller } from '../caller.js';
import type { Domain } from '../domain.js';
import { openPage, sealPage } from '../page-cursor.js';
import { askedApp, namedUser } from './asked-app.js';

const LIST = 'connections';

/**
 * Open connections of all nodes: of the key's app, or for an admin key of the one that it names, or of all (ISO1).
 *
 * @throws ProtocolError forbidden, invalid_argument, not_found
 */
export async function listConnections(domain: Domain, caller: Caller, input: OperationInput<'connections.list'>): Promise<OperationOutput<'connections.list'>> {
  const app = askedApp(caller, input.app_id);
  const user = await namedUser(domain, app, input.user_id);
  const list = `${LIST} ${app ?? '-'}`;
  const place = openPage(domain, list, input.after);
  const { after: _after, user_id: _user, app_id: _app, ...rest } = input;
  const asked = { ...rest, ...(user === undefined ? {} : { user_id: user }), ...(place === null ? {} : { after: place }) };
  const { parts, missing } = await domain.ask('connections.list', asked, app, input.node);
  const all = parts.flatMap(({ part }) => part.items).sort((left, right) => (left.id < right.id ? -1 : 1));
  const items = all.slice(0, input.limit);
  return { items, next: sealPage(domain, list, all.length > items.length ? items.at(-1)!.id : null), missing_nodes: [...missing] };
}

/** @throws ProtocolError not_found, also for what is another app's; unavailable while a node that may have it does not answer */
export async function getConnection(domain: Domain, caller: Caller, input: OperationInput<'connections.get'>): Promise<OperationOutput<'connections.get'>> {
  const { parts, missing } = await domain.ask('connections.get', input, askedApp(caller, undefined));
  const found = parts.find(({ part }) => part.connection !== null)?.part.connection;
  if (!found) throw none(missing);
  return found;
}

/** @throws as `getConnection` */
export async function closeConnection(domain: Domain, caller: Caller, input: OperationInput<'connections.close'>): Promise<OperationOutput<'connections.close'>> {
  const { parts, missing } = await domain.ask('connections.close', input, askedApp(caller, undefined));
  if (!parts.some(({ part }) => part.closed)) throw none(missing);
  return {};
}

function none(missing: readonly string[]): ProtocolError {
  return missing.length > 0 ? new ProtocolError('unavailable', 'Not every node answers, and those that do have no such connection.') : new ProtocolError('not_found', 'There is no such connection.', { field: 'connection_id' });
}
