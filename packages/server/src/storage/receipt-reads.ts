/** Who has got and read a message (CNT3). */
import { limits } from '@talaria/protocol';
import { seenBy } from './message-seen.js';
import type { ReadCalls } from './port.js';
import type { ReadTables } from './read-tables.js';
import { createStreamViews } from './stream-view.js';
import { sees } from './visible.js';

export function createReceiptReads(tables: ReadTables): Pick<ReadCalls, 'receipts'> {
  const { streamOf, viewOf } = createStreamViews(tables);
  return {
    receipts(app, viewer, conversation, seq) {
      const row = tables.conversation(app, conversation);
      const seen = viewOf(app, streamOf(app, conversation), viewer);
      // A former member sees messages of their time, not who reads them now.
      if (!row || !seen || seen.member?.active === false || !sees(seen.view, seq)) return null;
      const [message] = tables.messagesBetween(app, conversation, 'any', seq, seq, 1, 'asc');
      if (!message || !seenBy(tables, seen, viewer, message)) return null;
      // ISO2: whom the history of that time is not shown to, it was not for.
      const joinedBelowSeq = row.history === 'all' ? Number.MAX_SAFE_INTEGER : seq;
      const own = viewer === null;
      if (row.memberCount > limits.receipts_named_max) return { ...tables.countReceipts(app, conversation, { seq, except: message.sender, joinedBelowSeq, own }), items: null };
      const items = tables.membersPage(app, conversation, limits.receipts_named_max, null)
        .filter(({ user, joinedSeq }) => user !== message.sender && joinedSeq < joinedBelowSeq)
        // CNT3: others are shown what a user shares.
        .map(({ user, deliveredSeq, readSeq, publicReadSeq }) => ({ user, delivered: deliveredSeq >= seq, read: (own || viewer === user ? readSeq : publicReadSeq) >= seq }));
      return { members: items.length, delivered: items.filter(({ delivered }) => delivered).length, read: items.filter(({ read }) => read).length, items };
    },
  };
}
