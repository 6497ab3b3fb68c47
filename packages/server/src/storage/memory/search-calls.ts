import type { IndexProgress, Phrase, PlacesQuery, SearchCalls } from '../search/port.js';
import { marksOf } from '../search/marks.js';
import { begun, isOutdated, isStale, otherSlot, shownState, switched, type Slot } from '../search/state.js';
import { wordsOf } from '../search/words.js';
import { parseBody } from '../message-body.js';
import { inPositionOrder, settledEnd } from './sorted.js';
import { eventAt, keyOf, messageAt, type IndexedMessage, type MemoryTables } from './tables.js';

export function createSearchCalls(tables: MemoryTables): SearchCalls {
  const { search } = tables;

  /** Puts what the next facts are about into the index, as it is now. */
  function advance(slot: Slot, position: number, limit: number): { readonly position: number; readonly indexed: number; readonly full: boolean } {
    const from = inPositionOrder(tables.log, position + 1);
    const facts = tables.log.slice(from, Math.min(from + limit, settledEnd(tables)));
    const about = new Map(facts.filter(({ type }) => type.startsWith('message.')).map((fact) => [keyOf(fact.app, fact.stream, fact.targetSeq ?? fact.seq), fact]));
    for (const [key, { app, stream, seq, targetSeq }] of about) index(search.slots[slot], key, app, stream, targetSeq ?? seq);
    return { position: facts.at(-1)?.position ?? position, indexed: about.size, full: facts.length >= limit };
  }

  function index(into: Map<string, IndexedMessage>, key: string, app: string, conversation: string, seq: number): void {
    into.delete(key);
    const row = messageAt(tables, app, conversation, seq);
    const own = eventAt(tables, app, conversation, seq);
    const held = row && eventAt(tables, app, conversation, row.bodySeq);
    if (!row || !own || !held || row.deletedMs !== null) return;
    const body = parseBody(held.payload);
    into.set(key, { app, conversation, seq, position: own.position, words: wordsOf(body.text).map(({ folded }) => folded), marks: new Set(marksOf(row, body)) });
  }

  function nextMs(): number | null {
    return tables.log[inPositionOrder(tables.log, search.state.position + 1)]?.timeMs ?? null;
  }

  function begin(): void {
    search.slots[otherSlot(search.state)].clear();
    search.state = begun(search.state);
  }

  return {
    searchPlaces({ app, viewer, phrases, marks, before, limit }: PlacesQuery) {
      const mine = viewer === null ? null : tables.memberships.get(keyOf(app, viewer)) ?? new Set();
      const found = [...search.slots[search.state.slot].values()].filter((one) => one.app === app && (before === null || one.position < before) && (mine === null || mine.has(one.conversation))
        && marks.every((some) => some.some((mark) => one.marks.has(mark))) && phrases.every((phrase) => holds(one.words, phrase)));
      const places = found.sort((left, right) => right.position - left.position).slice(0, limit).map(({ conversation, seq, position }) => ({ conversation, seq, position }));
      return { places, next: found.length > limit ? places.at(-1)?.position ?? null : null };
    },
    searchState: (nowMs) => shownState(search.state, nextMs(), nowMs),
    indexMessages({ nowMs, limit, sweep }): IndexProgress {
      if (isOutdated(search.state)) begin();
      if (isStale(search.state, nowMs)) {
        search.slots[otherSlot(search.state)].clear();
        search.state = { ...search.state, staleMs: null };
      }
      const live = advance(search.state.slot, search.state.position, limit);
      search.state = { ...search.state, position: live.position };
      let { indexed } = live;
      if (search.state.building !== null) {
        const next = advance(otherSlot(search.state), search.state.building, limit);
        indexed += next.indexed;
        search.state = switched({ ...search.state, building: next.position }, nowMs);
      }
      const entries = search.slots[search.state.slot];
      if (sweep > 0) for (const [key, one] of entries) if (!eventAt(tables, one.app, one.conversation, one.seq)) entries.delete(key);
      return { ...shownState(search.state, nextMs(), nowMs), indexed, more: live.full || search.state.building !== null };
    },
    rebuildSearch(nowMs) {
      if (search.state.building === null) begin();
      return shownState(search.state, nextMs(), nowMs);
    },
  };
}

function holds(words: readonly string[], { words: wanted, prefix }: Phrase): boolean {
  const last = wanted.length - 1;
  return words.some((_, at) => wanted.every((word, behind) => {
    const found = words[at + behind];
    return found !== undefined && (prefix && behind === last ? found.startsWith(word) : found === word);
  }));
}
