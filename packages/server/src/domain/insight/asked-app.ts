import { isId, ProtocolError } from '@talaria/protocol';
import type { Caller } from '../caller.js';
import type { Domain } from '../domain.js';

/**
 * The app that is spoken of: a key's own, or the one that an admin key or an operator names (ISO1).
 *
 * @returns null for all, which only who runs the installation may mean
 * @throws ProtocolError forbidden for another app than the key's, and for whoever has no key
 */
export function askedApp(caller: Caller, named: string | undefined): string | null {
  switch (caller.kind) {
    case 'admin':
    case 'operator': return named ?? null;
    case 'backend':
      if (named !== undefined && named !== caller.app) throw new ProtocolError('forbidden', 'A key speaks of its own app.', { field: 'app_id' });
      return caller.app;
    case 'user':
    case 'anyone': throw new ProtocolError('forbidden', "This is for backends; a user's token does not allow it.");
  }
}

/** The same, where one app must be meant. @throws ProtocolError invalid_argument when an admin key names none */
export function oneApp(caller: Caller, named: string | undefined): string {
  const app = askedApp(caller, named);
  if (app === null) throw new ProtocolError('invalid_argument', 'Name the app.', { field: 'app_id' });
  return app;
}

/**
 * The id of a user who is named by it, or by the customer's own.
 *
 * @param app that is spoken of; null for all, in which nobody has an id of a customer
 * @throws ProtocolError invalid_argument, not_found
 */
export async function namedUser(domain: Domain, app: string | null, ref: string | undefined): Promise<string | undefined> {
  if (ref === undefined || isId('user', ref)) return ref;
  if (app === null) throw new ProtocolError('invalid_argument', 'Name the app whose user this is.', { field: 'app_id' });
  const user = await domain.storage.userByExternalId(app, ref.slice(4));
  if (!user) throw new ProtocolError('not_found', 'There is no such user.', { field: 'user_id' });
  return user.id;
}
