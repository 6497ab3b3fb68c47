/** How much is unread in all conversations together. */
import type { Core } from '../core.js';
import { EventView, sameFields, type View } from './cell.js';
import { InboxView } from './inbox.js';
import type { Own } from './own.js';

export interface UnreadState {
  readonly messages: number;
  readonly mentions: number;
  /** How many have something unread. */
  readonly conversations: number;
  /** False until all is counted, and where there are more than a thousand conversations to count. */
  readonly complete: boolean;
}

const PAGE_ITEMS = 200;
const CONVERSATIONS_MAX = 1_000;

export class UnreadView extends EventView<UnreadState> implements View<UnreadState> {
  constructor(core: Core, own: Own, ended: () => void) {
    const inbox = new InboxView(core, own, { unread: true, page: PAGE_ITEMS }, ended);
    super((before) => {
      const { conversations, hasMore, loading } = inbox.get();
      const rows = conversations.flatMap(({ membership }) => membership ?? []);
      const sum = (field: 'unread' | 'mentions'): number => rows.reduce((total, row) => total + row[field], 0);
      return sameFields(before, { messages: sum('unread'), mentions: sum('mentions'), conversations: rows.length, complete: loading === false && !hasMore });
    }, (changed) => [
      inbox.subscribe(() => {
        const { hasMore, loading, error, conversations } = inbox.get();
        if (hasMore && loading === false && !error && conversations.length < CONVERSATIONS_MAX) void inbox.loadMore();
        changed();
      }),
      () => inbox.close(),
    ]);
  }
}
