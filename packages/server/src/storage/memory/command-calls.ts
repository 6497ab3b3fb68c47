import type { ReadCalls } from '../port.js';
import { keyOf, type MemoryTables } from './tables.js';

export function createCommandReads(tables: MemoryTables): Pick<ReadCalls, 'commandKnown' | 'directConversation'> {
  return {
    commandKnown: (app, actor, clientId) => tables.commandKeys.has(keyOf(app, actor, clientId)),
    directConversation: (app, pair) => tables.pairs.get(keyOf(app, pair)) ?? null,
  };
}
