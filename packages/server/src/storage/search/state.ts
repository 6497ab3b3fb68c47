/** Which of two places for an index answers, and how far each of them is. The same steps for every database. */
import type { SearchState } from './port.js';

/** Grows when words or marks become others: indexes of before are then made anew. */
export const INDEX_VERSION = 2;
/** A question that began before the switch may still read the old index. */
const STALE_MS = 60_000;

export type Slot = 0 | 1;

export interface IndexState {
  /** Of the newest program that has worked on it: others leave it alone, also while it is made. */
  readonly version: number;
  readonly generation: number;
  /** Which answers. */
  readonly slot: Slot;
  readonly position: number;
  /** Of the other one, while it is being made. */
  readonly building: number | null;
  /** When the other one stopped to answer and was not emptied yet. */
  readonly staleMs: number | null;
}

export const firstState: IndexState = { version: INDEX_VERSION, generation: 1, slot: 0, position: 0, building: null, staleMs: null };

export const otherSlot = ({ slot }: Pick<IndexState, 'slot'>): Slot => (slot === 0 ? 1 : 0);

/** Whether a newer program works on the index: an older one leaves it alone. */
export const isNewer = ({ version }: IndexState): boolean => version > INDEX_VERSION;

/** Whether the index is to be made anew without anybody having asked for it; what an older program has begun to make is of its words, too. */
export const isOutdated = ({ version }: IndexState): boolean => version < INDEX_VERSION;

/** Whether the place that does not answer is to be emptied now. */
export const isStale = ({ staleMs }: IndexState, nowMs: number): boolean => staleMs !== null && Math.abs(nowMs - staleMs) >= STALE_MS;

/** Begins a new index in the other place, which the caller has emptied. */
export const begun = (state: IndexState): IndexState => ({ ...state, version: Math.max(state.version, INDEX_VERSION), building: 0, staleMs: null });

/** The new index takes over when it is as far as the old one. */
export function switched(state: IndexState, nowMs: number): IndexState {
  if (state.building === null || state.building < state.position) return state;
  return { ...state, generation: state.generation + 1, slot: otherSlot(state), position: state.building, building: null, staleMs: nowMs };
}

/** @param nextMs when the first fact came that is not in the index */
export function shownState(state: IndexState, nextMs: number | null, nowMs: number): SearchState {
  return {
    generation: state.generation, position: state.position, behindMs: nextMs === null ? 0 : Math.max(0, nowMs - nextMs),
    building: state.building === null ? null : { position: state.building },
  };
}
