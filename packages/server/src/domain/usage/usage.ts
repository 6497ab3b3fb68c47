import { ProtocolError } from '@talaria/protocol';
import type { OperationInput, OperationOutput } from '@talaria/protocol/operations';
import type { Caller } from '../caller.js';
import type { Domain } from '../domain.js';

/** Usage by the hour. An app's key reads its own app, an admin key and an operator the one that they name. @throws ProtocolError invalid_argument, forbidden */
export async function listUsage(domain: Domain, caller: Caller, input: OperationInput<'usage.list'>): Promise<OperationOutput<'usage.list'>> {
  const own = caller.kind === 'admin' || caller.kind === 'operator' ? undefined : caller.app;
  const app = input.app_id ?? own;
  if (app === undefined) throw new ProtocolError('invalid_argument', 'Name the app.', { field: 'app_id' });
  if (own !== undefined && app !== own) throw new ProtocolError('forbidden', "A key reads its own app's usage.");
  const rows = await domain.storage.usage(app, input.from_ms ?? 0, input.to_ms ?? Number.MAX_SAFE_INTEGER);
  return { items: rows.map((row) => ({ app_id: row.app, hour_ms: row.hourMs, messages: row.messages, facts: row.facts, bytes: row.bytes })) };
}
