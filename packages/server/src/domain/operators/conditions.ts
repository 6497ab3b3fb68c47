/** What is looked at where the role of an operator alone does not say whether they may: the words beside the table (`operatorConditions`). */
import { ProtocolError } from '@talaria/protocol';
import { isAtLeast } from '@talaria/protocol/operations';
import type { ActingOperator } from '../caller.js';
import type { Domain } from '../domain.js';

interface Named {
  readonly app_id?: string;
  readonly key_id?: string;
  readonly as_user_id?: string;
}

/**
 * @param input as the operation's schema has made it
 * @throws ProtocolError forbidden
 */
export async function holdConditions(domain: Domain, { role }: ActingOperator, id: string, input: Named): Promise<void> {
  // Whoever has an admin key may anything, for as long as it lives.
  if (role !== 'owner' && await isOfAdminKey(domain, id, input)) throw new ProtocolError('forbidden', 'Only an owner does this with an admin key.');
  if (input.as_user_id !== undefined && !isAtLeast(role, 'admin')) throw new ProtocolError('forbidden', 'Only an admin or an owner acts in the name of a user.', { field: 'as_user_id' });
}

async function isOfAdminKey({ storage }: Domain, id: string, { app_id: app, key_id: key }: Named): Promise<boolean> {
  if (id === 'keys.create') return app === undefined;
  if ((id !== 'keys.rotate' && id !== 'keys.revoke') || key === undefined) return false;
  return (await storage.key(key))?.app === null;
}

interface Told {
  readonly last_message?: unknown;
  readonly items?: readonly Told[];
}

const WITH_LAST_MESSAGE: ReadonlySet<string> = new Set(['conversations.get', 'conversations.list', 'inbox.list', 'search.conversations']);

/** What a viewer is told: conversations without what was said in them last. */
export function withoutMessages(id: string, output: unknown): unknown {
  if (!WITH_LAST_MESSAGE.has(id)) return output;
  const told = output as Told;
  const bare = (one: Told): Told => ({ ...one, ...('last_message' in one && { last_message: null }) });
  return told.items ? { ...told, items: told.items.map(bare) } : bare(told);
}
