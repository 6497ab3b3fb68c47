import type { ConversationRow } from '../../storage/rows.js';
import { parseStored } from '../../storage/stored-json.js';
import type { UnitOfWork } from '../../storage/unit-of-work.js';
import { settingsOf } from '../conversations/settings.js';

/** What is known of a message that disappears after it was read. */
export interface UntilRead {
  readonly after_ms: number;
  readonly sender_id: string | null;
  /** Of a reply. */
  readonly thread_seq?: number;
}

interface Read {
  readonly app: string;
  readonly reader: string;
  readonly fromSeq: number;
  readonly toSeq: number;
  /** Of a thread alone. */
  readonly threadSeq?: number;
}

/** Of what is read at once, so many are looked up at a time. */
const STEP = 1_000;

/** Messages that disappear after they were read: the first reader who is not their sender starts their time. */
export function startExpiry(work: UnitOfWork, conversation: ConversationRow, { app, reader, fromSeq, toSeq, threadSeq }: Read): void {
  if (!settingsOf(conversation).read_timer_used) return;
  for (let from = fromSeq; from <= toSeq;) {
    const found = work.entriesOfKeyBetween(app, conversation.id, 'unread_expiry', '', from, toSeq, STEP);
    for (const entry of found) {
      const { after_ms, sender_id, thread_seq } = parseStored(entry.value) as UntilRead;
      if (sender_id === reader || (threadSeq !== undefined && thread_seq !== threadSeq)) continue;
      work.removeEntry(entry);
      work.putEntry({ ...entry, type: 'expiry', value: '{}', dueMs: work.now() + after_ms });
    }
    from = found.length < STEP ? toSeq + 1 : found.at(-1)!.targetSeq + 1;
  }
}
