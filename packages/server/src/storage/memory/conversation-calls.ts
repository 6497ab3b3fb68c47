import { paged } from '../paged.js';
import type { ReadCalls } from '../port.js';
import { byText } from './sorted.js';
import type { MemoryTables } from './tables.js';

export function createConversationReads(tables: MemoryTables): Pick<ReadCalls, 'conversations'> {
  return {
    conversations(app, limit, beforeId) {
      const found = [...tables.conversations.values()].filter((row) => row.app === app && (beforeId === null || row.id < beforeId));
      return paged(found.sort((left, right) => byText(right.id, left.id)).slice(0, limit + 1).map((row) => ({ ...row })), limit);
    },
  };
}
