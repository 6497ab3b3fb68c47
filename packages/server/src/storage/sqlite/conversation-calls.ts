import type { Database } from 'better-sqlite3';
import { CONVERSATION_COLUMNS, conversationRow, type ConversationColumns } from '../columns.js';
import { paged } from '../paged.js';
import type { ReadCalls } from '../port.js';
import type { IdCodec } from './ids.js';
import { AT_MOST } from './at-most.js';

/** Greater than every id. */
const LAST = Buffer.alloc(17, 0xff);

export function createConversationReads(db: Database, ids: IdCodec): Pick<ReadCalls, 'conversations'> {
  const list = db.prepare<[Buffer, Buffer, number], ConversationColumns & { id: Buffer }>(`SELECT id, ${CONVERSATION_COLUMNS.join(', ')} FROM conversations WHERE app_id = ? AND id < ? ORDER BY id DESC ${AT_MOST}`);
  return {
    conversations: (app, limit, beforeId) =>
      paged(list.all(ids.bytes(app), beforeId === null ? LAST : ids.bytes(beforeId), limit + 1).map((row) => conversationRow(app, ids.text('conversation', row.id), row)), limit),
  };
}
