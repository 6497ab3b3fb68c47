import type { EntryType } from './entry-types.js';
import type { EntryRow } from './rows.js';

/** Of what is about a message, all goes with it when it is deleted, but this: what a user has hidden stays hidden (VIS2). */
export const KEPT_WITHOUT_MESSAGE: EntryType = 'hidden';

const LIVE_CALL_KEY = 'live';
/** The key of every call that is over. */
export const PAST_CALL_KEY = '';

/** The key of entries that are about every member. */
export const EVERYONE = '*';
/** The key of those among them that are of one member's own messages, which mention everybody else. */
export const everyoneBut = (user: string): string => EVERYONE + user;

/** Where an entry stands in its stream. */
export interface EntryPlace {
  readonly app: string;
  readonly stream: string;
  readonly type: EntryType;
  readonly key: string;
  /** 0 for one that is about no message. */
  readonly targetSeq: number;
}

/** Where the call stands that is on in a conversation: one at a time. */
export const liveCallPlace = (app: string, conversation: string): EntryPlace => ({ app, stream: conversation, type: 'call', key: LIVE_CALL_KEY, targetSeq: 0 });
/** Where a call stands that is over: at the seq of the fact that began it, so that it goes when that goes (VIS5). */
export const pastCallPlace = (app: string, conversation: string, callSeq: number): EntryPlace => ({ app, stream: conversation, type: 'call', key: PAST_CALL_KEY, targetSeq: callSeq });

/** Looked up in the appending transaction and in reads alike. Each list ends at `limit`. */
export interface EntryLookups {
  entry(place: EntryPlace): EntryRow | undefined;
  /** Of one key, about messages of a range, ascending by them. */
  entriesOfKey(app: string, stream: string, type: EntryType, key: string, fromSeq: number, toSeq: number, limit: number): readonly EntryRow[];
  /** About no message, ascending by key. @param afterKey null from the first */
  entriesOfType(app: string, stream: string, type: EntryType, afterKey: string | null, limit: number): readonly EntryRow[];
}

/** Looked up in reads only. */
export interface EntryReads extends EntryLookups {
  /** About one message, ascending by key. @param afterKey null from the first */
  entriesAbout(app: string, stream: string, targetSeq: number, type: EntryType, afterKey: string | null, limit: number): readonly EntryRow[];
  /** As `entriesOfKey`, descending. */
  lastEntriesOfKey(app: string, stream: string, type: EntryType, key: string, fromSeq: number, toSeq: number, limit: number): readonly EntryRow[];
  /** How many of two keys are about messages above a seq, counted up to `cap`. */
  countEntries(app: string, stream: string, type: EntryType, keys: readonly [one: string, other: string], aboveSeq: number, cap: number): number;
}
