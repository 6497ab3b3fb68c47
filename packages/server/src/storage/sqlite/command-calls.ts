import type { Database } from 'better-sqlite3';
import type { ReadCalls } from '../port.js';
import type { IdCodec } from './ids.js';

export function createCommandReads(db: Database, ids: IdCodec): Pick<ReadCalls, 'commandKnown' | 'directConversation'> {
  const find = db.prepare<[string, Buffer, Buffer], { one: number }>('SELECT 1 AS one FROM command_keys WHERE client_id = ? AND actor_id = ? AND app_id = ?');
  const pairs = db.prepare<[Buffer, string], { conversation_id: Buffer }>('SELECT conversation_id FROM direct_pairs WHERE app_id = ? AND pair = ?');
  return {
    commandKnown: (app, actor, clientId) => find.get(clientId, ids.bytes(actor), ids.bytes(app)) !== undefined,
    directConversation(app, pair) {
      const row = pairs.get(ids.bytes(app), pair);
      return row ? ids.text('conversation', row.conversation_id) : null;
    },
  };
}
