import type { ConversationKind } from './rows.js';

/** Where a page of an inbox ends. */
export interface InboxPlace {
  readonly position: number;
  readonly conversation: string;
  readonly pinned?: boolean;
}

/** What of an inbox is wanted; everything that is not named is. */
export interface InboxFilter {
  readonly kind?: ConversationKind;
  readonly pinned?: boolean;
  readonly archived?: boolean;
  readonly muted?: boolean;
  /** With what has come since, or was marked unread. */
  readonly unread?: true;
  /** Also what the user has hidden until something new comes. */
  readonly hidden?: boolean;
  readonly pinnedFirst?: true;
  /** For `muted`. */
  readonly nowMs?: number;
}

/** What a filter asks of a member `m` and a stream `s`, in SQL that every database knows. Values are numbers that this program made. */
export function inboxConditions(filter: InboxFilter): string {
  const is = (wanted: boolean | undefined, so: string): string[] => (wanted === undefined ? [] : [wanted ? so : `NOT (${so})`]);
  return [
    ...is(filter.pinned, 'm.pinned_ms IS NOT NULL'), ...is(filter.archived, 'm.archived_ms IS NOT NULL'),
    ...is(filter.muted, `(m.muted_until_ms IS NOT NULL AND m.muted_until_ms > ${Math.trunc(filter.nowMs ?? 0)})`),
    ...(filter.unread ? ['(m.unread_from_seq IS NOT NULL OR s.ordinal - m.read_ordinal - (m.sender_ordinal - m.read_sender_ordinal) > 0)'] : []),
    ...(filter.hidden === true ? [] : ['(m.hidden_seq IS NULL OR s.head_seq > m.hidden_seq)']),
  ].map((condition) => ` AND ${condition}`).join('');
}
