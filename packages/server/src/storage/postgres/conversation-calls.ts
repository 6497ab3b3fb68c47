import { columns, CONVERSATION_COLUMNS, conversationRow, type ConversationColumns } from '../columns.js';
import { paged } from '../paged.js';
import type { ReadCalls } from '../port.js';
import type { OnLine } from './calls.js';
import type { IdCodec } from './ids.js';

/** No id comes after it. */
const LAST_UUID = 'ffffffff-ffff-ffff-ffff-ffffffffffff';

export function createConversationCalls(ids: IdCodec): OnLine<Pick<ReadCalls, 'conversations'>> {
  return {
    async conversations(line, app, limit, beforeId) {
      const { rows } = await line.query<ConversationColumns & { id: string }>(
        `SELECT id, ${columns(CONVERSATION_COLUMNS)} FROM conversations WHERE app_id = $1 AND id < $2 ORDER BY id DESC LIMIT $3`, [ids.uuid(app), beforeId === null ? LAST_UUID : ids.uuid(beforeId), limit + 1],
      );
      return paged(rows.map((row) => conversationRow(app, ids.text('conversation', row.id), row)), limit);
    },
  };
}
