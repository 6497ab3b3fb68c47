/** The reads of calls, written once over what a driver can look up in one snapshot. */
import { liveCallPlace, PAST_CALL_KEY, type EntryLookups } from './entries.js';
import { paged } from './paged.js';
import type { Paged, ReadCalls } from './port.js';
import { ALL } from './read-calls.js';
import type { ReadTables } from './read-tables.js';
import type { EntryRow } from './rows.js';
import { parseStored } from './stored-json.js';
import { createStreamViews } from './stream-view.js';
import { omittedIn, type View } from './visible.js';

/** The call that is on in a conversation. */
export function liveEntry(tables: EntryLookups, app: string, conversation: string): EntryRow | undefined {
  return tables.entry(liveCallPlace(app, conversation));
}

export function createCallReads(tables: ReadTables): Pick<ReadCalls, 'calls' | 'liveCalls'> {
  const { streamOf, viewOf } = createStreamViews(tables);

  /** VIS1: those of which the viewer sees every fact, from the one that began it to the one that ended it. */
  function past(app: string, conversation: string, view: View, belowSeq: number, limit: number): EntryRow[] {
    const found: EntryRow[] = [];
    for (const range of [...view.ranges].reverse()) {
      let toSeq = Math.min(range.toSeq, belowSeq - 1);
      while (found.length < limit && toSeq >= range.fromSeq) {
        // One call at most reaches over the end of a range: calls of a conversation follow each other.
        const rows = tables.lastEntriesOfKey(app, conversation, 'call', PAST_CALL_KEY, range.fromSeq, toSeq, limit + 1);
        found.push(...rows.filter((row) => omittedIn(view, row.targetSeq, row.seq).length === 0 && row.seq <= view.endSeq));
        if (rows.length <= limit) break;
        toSeq = rows.at(-1)!.targetSeq - 1;
      }
    }
    return found.slice(0, limit);
  }

  return {
    calls(app, viewer, conversation, limit, beforeSeq): Paged<EntryRow> | null {
      const seen = viewOf(app, streamOf(app, conversation), viewer);
      if (!seen) return null;
      // Who is no member any more learns nothing of what is now (ISO3).
      const live = seen.member?.active === false ? undefined : liveEntry(tables, app, conversation);
      const first = live && (beforeSeq === null || startOf(live) < beforeSeq) ? [live] : [];
      return paged([...first, ...past(app, conversation, seen.view, beforeSeq ?? Number.MAX_SAFE_INTEGER, limit + 1)], limit);
    },
    liveCalls(app, user, conversations) {
      const rows = tables.conversationsByActivity(app, user, conversations, null, ALL);
      return tables.each(rows, ({ stream }) => liveEntry(tables, app, stream.stream)).filter((one) => one !== undefined);
    },
  };
}

/** The seq of the fact that began the call. */
export function startOf(row: EntryRow): number {
  return row.targetSeq > 0 ? row.targetSeq : (parseStored(row.value) as { readonly seq: number }).seq;
}
