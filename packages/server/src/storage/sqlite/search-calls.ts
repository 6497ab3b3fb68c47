import type { Database } from 'better-sqlite3';
import type { IndexProgress, Phrase, PlacesQuery, SearchCalls } from '../search/port.js';
import { idMark, marksOf } from '../search/marks.js';
import { begun, isNewer, isOutdated, isStale, otherSlot, shownState, switched, type IndexState, type Slot } from '../search/state.js';
import { wordsOf } from '../search/words.js';
import { MESSAGE_COLUMNS, messageRecord, type MessageRecordColumns } from '../columns.js';
import { streamIdKind } from '../ids.js';
import { parseBody } from '../message-body.js';
import { AT_MOST } from './at-most.js';
import type { IdCodec } from './ids.js';
import { createStateRow, emptySlot, slotName, type KeptState } from './search-file.js';

/** A user of no more conversations than this is asked for by them; of more, what is found is looked through. */
const CONVERSATIONS_MAX = 200;
/** Entries of the index that one question looks at. */
const LOOK_MAX = 20_000;
const STREAMS_MAX = 20_000;

interface Place {
  readonly app: string;
  readonly stream: string;
}

/** @param db the index, with the log attached (search-file.ts) */
export function createSearchCalls(db: Database, ids: IdCodec): SearchCalls {
  const stateRow = createStateRow(db);
  const nextTime = db.prepare<[number], { time_ms: number }>('SELECT time_ms FROM log.events WHERE position > ? ORDER BY position LIMIT 1');
  const write = createIndexWrites(db, ids);
  const searchPlaces = createPlacesRead(db, ids, () => stateRow.read().state);
  const shown = (state: IndexState, nowMs: number) => shownState(state, nextTime.get(state.position)?.time_ms ?? null, nowMs);

  function begin(state: IndexState): IndexState {
    emptySlot(db, otherSlot(state));
    return begun(state);
  }

  /** The new index reads from the beginning; the one that answers goes on meanwhile. */
  function step(kept: KeptState, nowMs: number, limit: number): { readonly kept: KeptState; readonly indexed: number; readonly full: boolean } {
    let { state } = kept;
    if (isOutdated(state)) state = begin(state);
    if (isStale(state, nowMs)) {
      emptySlot(db, otherSlot(state));
      state = { ...state, staleMs: null };
    }
    const live = write.advance(state.slot, state.position, limit);
    if (live.position !== state.position) state = { ...state, position: live.position };
    if (state.building === null) return { kept: { ...kept, state }, indexed: live.indexed, full: live.full };
    const next = write.advance(otherSlot(state), state.building, limit);
    return { kept: { ...kept, state: switched({ ...state, building: next.position }, nowMs) }, indexed: live.indexed + next.indexed, full: live.full };
  }

  return {
    searchPlaces,
    searchState: (nowMs) => shown(stateRow.read().state, nowMs),
    indexMessages({ nowMs, limit, sweep }): IndexProgress {
      const before = stateRow.read();
      if (isNewer(before.state)) return { ...shown(before.state, nowMs), indexed: 0, more: false };
      const { kept, indexed, full } = step(before, nowMs, limit);
      const swept = sweep > 0 ? write.sweep(kept.state.slot, kept.swept, sweep) : kept.swept;
      // Nothing is written when there is nothing new.
      if (kept.state !== before.state || swept !== before.swept) stateRow.write({ state: kept.state, swept });
      return { ...shown(kept.state, nowMs), indexed, more: full || kept.state.building !== null };
    },
    rebuildSearch(nowMs) {
      const { state, swept } = stateRow.read();
      const next = state.building === null ? begin(state) : state;
      stateRow.write({ state: next, swept });
      return shown(next, nowMs);
    },
  };
}

function createIndexWrites(db: Database, ids: IdCodec) {
  const facts = db.prepare<[number, number], { position: number; stream_no: number; seq: number; target_seq: number | null; type: string }>(
    `SELECT position, stream_no, seq, target_seq, type FROM log.events WHERE position > ? ORDER BY position ${AT_MOST}`,
  );
  // The text of an edited message stands in the fact at body_seq.
  const message = db.prepare<[number, number], MessageRecordColumns<Buffer> & { position: number }>(
    `SELECT m.position, ${MESSAGE_COLUMNS.map((name) => `m.${name}`).join(', ')}, m.client_id AS client_id, ifnull(b.payload, m.payload) AS payload FROM log.events m
       LEFT JOIN log.events b ON b.stream_no = m.stream_no AND b.seq = m.body_seq WHERE m.stream_no = ? AND m.seq = ? AND m.message > 0`,
  );
  const placeOf = createPlaces(db, ids);
  const ofSlot = (slot: Slot) => {
    const table = slotName(slot);
    return {
      put: db.prepare<[number, string, string]>(`INSERT INTO ${table} (rowid, words, marks) VALUES (?, ?, ?)`),
      remove: db.prepare<[number]>(`DELETE FROM ${table} WHERE rowid = ?`),
      entries: db.prepare<[number, number], { id: number }>(`SELECT id FROM ${table}_docsize WHERE id > ? ORDER BY id ${AT_MOST}`),
    };
  };
  const slots = [ofSlot(0), ofSlot(1)] as const;
  const exists = db.prepare<[number]>('SELECT 1 FROM log.events WHERE position = ?');

  /** What a message is now. */
  function index(slot: Slot, streamNo: number, seq: number, after: number): void {
    const row = message.get(streamNo, seq);
    const place = placeOf(streamNo);
    // What is gone from the log is found and removed by `sweep`.
    if (!row || !place) return;
    // Nothing above the place of the index is in it yet.
    if (row.position <= after) slots[slot].remove.run(row.position);
    if (row.deleted_ms !== null) return;
    const record = messageRecord(ids, place.app, place.stream, row);
    const body = parseBody(record.payload);
    slots[slot].put.run(row.position, wordsOf(body.text).map(({ folded }) => folded).join(' '), marksOf(record, body).join(' '));
  }

  return {
    advance(slot: Slot, after: number, limit: number): { readonly position: number; readonly indexed: number; readonly full: boolean } {
      const page = facts.all(after, limit);
      const about = new Map<string, readonly [streamNo: number, seq: number]>();
      for (const fact of page) {
        if (!fact.type.startsWith('message.')) continue;
        const seq = fact.target_seq ?? fact.seq;
        about.set(`${fact.stream_no}/${seq}`, [fact.stream_no, seq]);
      }
      for (const [streamNo, seq] of about.values()) index(slot, streamNo, seq, after);
      return { position: page.at(-1)?.position ?? after, indexed: about.size, full: page.length >= limit };
    },
    /** @returns where to go on; 0 from the beginning */
    sweep(slot: Slot, after: number, limit: number): number {
      const page = slots[slot].entries.all(after, limit);
      for (const { id } of page) if (exists.get(id) === undefined) slots[slot].remove.run(id);
      return page.length < limit ? 0 : page.at(-1)!.id;
    },
  };
}

/** By a stream's number, which is never given twice. */
function createPlaces(db: Database, ids: IdCodec): (streamNo: number) => Place | undefined {
  const find = db.prepare<[number], { app_id: Buffer; stream_id: Buffer; kind: string }>('SELECT app_id, stream_id, kind FROM log.streams WHERE no = ?');
  const known = new Map<number, Place>();
  return (streamNo) => {
    const hit = known.get(streamNo);
    if (hit) return hit;
    const row = find.get(streamNo);
    if (!row) return undefined;
    const place = { app: ids.text('app', row.app_id), stream: ids.text(streamIdKind(row.kind), row.stream_id) };
    if (known.size >= STREAMS_MAX) known.clear();
    known.set(streamNo, place);
    return place;
  };
}

function createPlacesRead(db: Database, ids: IdCodec, stateNow: () => IndexState): SearchCalls['searchPlaces'] {
  const placeOf = createPlaces(db, ids);
  const matching = ([0, 1] as const).map((slot) => db.prepare<[string, number], { position: number; stream_no: number; seq: number }>(
    `SELECT w.rowid AS position, e.stream_no, e.seq FROM ${slotName(slot)} w CROSS JOIN log.events e ON e.position = w.rowid
      WHERE ${slotName(slot)} MATCH ? AND w.rowid < ? ORDER BY w.rowid DESC`,
  ));
  const mine = (active: 0 | 1, index: string): string =>
    `SELECT conversation_id FROM (SELECT conversation_id FROM log.members INDEXED BY ${index} WHERE app_id = ? AND user_id = ? AND active = ${active} ${AT_MOST})`;
  const conversations = db.prepare<[Buffer, Buffer, number, Buffer, Buffer, number], { conversation_id: Buffer }>(`${mine(1, 'members_user')} UNION ALL ${mine(0, 'members_former')}`);
  const member = db.prepare<[Buffer, Buffer, Buffer]>('SELECT 1 FROM log.members WHERE app_id = ? AND conversation_id = ? AND user_id = ?');

  /** Marks of the conversations that a user is or was in; undefined when they are too many. */
  function marksOfUser(app: string, user: string): readonly string[] | undefined {
    const of = [ids.bytes(app), ids.bytes(user), CONVERSATIONS_MAX + 1] as const;
    const rows = conversations.all(...of, ...of);
    return rows.length > CONVERSATIONS_MAX ? undefined : rows.map((row) => idMark(ids.text('conversation', row.conversation_id)));
  }

  return ({ app, viewer, phrases, marks, before, limit }: PlacesQuery) => {
    const own = viewer === null ? undefined : marksOfUser(app, viewer);
    if (own?.length === 0) return { places: [], next: null };
    const places: { conversation: string; seq: number; position: number }[] = [];
    const mayBe = new Map<string, boolean>();
    const wasMember = (conversation: string): boolean => {
      if (viewer === null) return true;
      let known = mayBe.get(conversation);
      if (known === undefined) mayBe.set(conversation, known = member.get(ids.bytes(app), ids.bytes(conversation), ids.bytes(viewer)) !== undefined);
      return known;
    };
    let looked = 0;
    const all = [...marks, own ?? [idMark(app)]];
    for (const row of matching[stateNow().slot]!.iterate(matchText(phrases, all), before ?? Number.MAX_SAFE_INTEGER)) {
      const place = placeOf(row.stream_no);
      looked += 1;
      if (place?.app === app && wasMember(place.stream)) places.push({ conversation: place.stream, seq: row.seq, position: row.position });
      if (places.length >= limit || looked >= LOOK_MAX) return { places, next: row.position };
    }
    return { places, next: null };
  };
}

/** Every word and mark stands in quotes and is made of letters and digits alone: nothing of it is FTS5's language. */
function matchText(phrases: readonly Phrase[], marks: readonly (readonly string[])[]): string {
  const ofWords = phrases.map(({ words, prefix }) => `words : "${words.join(' ')}"${prefix ? ' *' : ''}`);
  const ofMarks = marks.map((some) => `marks : (${some.map((mark) => `"${mark}"`).join(' OR ')})`);
  return [...ofWords, ...ofMarks].map((one) => `(${one})`).join(' AND ');
}
