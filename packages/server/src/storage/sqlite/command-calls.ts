import type { Database } from 'better-sqlite3';
import type { ReadCalls } from '../port.js';
import type { IdCodec } from './ids.js';

export function createCommandReads(db: Database, ids: IdCodec): Pick<ReadCalls, 'commandKnown'> {
  const find = db.prepare<[Buffer, Buffer, string], { one: number }>('SELECT 1 AS one FROM command_keys WHERE app_id = ? AND actor_id = ? AND client_id = ?');
  return { commandKnown: (app, actor, clientId) => find.get(ids.bytes(app), ids.bytes(actor), clientId) !== undefined };
}
