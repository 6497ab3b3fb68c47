/**
 * The search part of the storage port: an index of the words of messages, which is derived from the log and can always be made anew.
 *
 * - What it answers is where to look. Whoever asks reads each message again as the viewer sees it (ISO2, ISO3, VIS4, VIS5) and looks whether
 *   it really holds what was asked for. So an index that is behind, or that knows too much, shows nobody anything.
 * - It never answers with a message of another app (ISO1), nor, to a user, with one of a conversation that they were never in.
 * - The place up to which the log is indexed moves in the same transaction as what was indexed: each fact is once in the index, whatever breaks.
 * - While it is made anew, the old one answers. It is followed up to the same moment, and then the new one takes its place.
 */

/** Words that stand one behind the other. */
export interface Phrase {
  /** At least one, folded (words.ts). */
  readonly words: readonly string[];
  /** The last one is the beginning of a word. */
  readonly prefix: boolean;
}

export interface PlacesQuery {
  readonly app: string;
  /** Who reads: a user, or null for the app's backend. */
  readonly viewer: string | null;
  /** Each must stand in the message. */
  readonly phrases: readonly Phrase[];
  /** Of each list the message must have a mark at least (marks.ts). */
  readonly marks: readonly (readonly string[])[];
  /** Only messages that came before the one at this position; null: from the newest on. */
  readonly before: number | null;
  readonly limit: number;
}

/** Where a message is. */
export interface MessagePlace {
  readonly conversation: string;
  readonly seq: number;
}

export interface PlacesPage {
  /** The newest first. They may be of messages that the viewer does not see, or that have changed. */
  readonly places: readonly (MessagePlace & { readonly position: number })[];
  /** The position before which there may be more, also when nothing was found up to it; null at the end. */
  readonly next: number | null;
}

export interface SearchState {
  /** Grows each time a new index takes the place of the old one. */
  readonly generation: number;
  /** Of the last fact that is in the index that answers. */
  readonly position: number;
  /** How long ago the first fact came that is not in it; 0 when there is none. */
  readonly behindMs: number;
  /** Up to where the one that is being made is. */
  readonly building: { readonly position: number } | null;
}

export interface IndexProgress extends SearchState {
  /** Messages that were written to the index, or taken from it. */
  readonly indexed: number;
  /** There is more to do at once. */
  readonly more: boolean;
}

export interface IndexOrder {
  readonly nowMs: number;
  /** Facts to look at. */
  readonly limit: number;
  /** How many entries to look at whose messages may be gone from the log (VIS5). */
  readonly sweep: number;
}

export interface SearchCalls {
  searchPlaces(query: PlacesQuery): PlacesPage;
  searchState(nowMs: number): SearchState;
  /** Brings the index a step further, and the one that is being made. Nodes that do so at the same time do not disturb each other. */
  indexMessages(order: IndexOrder): IndexProgress;
  /** Begins to make the index anew, unless that is under way. */
  rebuildSearch(nowMs: number): SearchState;
}
