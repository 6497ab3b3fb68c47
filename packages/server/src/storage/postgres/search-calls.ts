/** The search index in Postgres: text search vectors whose words Talaria has folded, in the tables of one of two places. */
import { idMark, marksOf } from '../search/marks.js';
import type { IndexProgress, Phrase, PlacesPage, PlacesQuery, SearchCalls, SearchState } from '../search/port.js';
import { begun, isNewer, isOutdated, isStale, otherSlot, shownState, switched, type IndexState, type Slot } from '../search/state.js';
import { wordsOf } from '../search/words.js';
import { columns, MESSAGE_COLUMNS, messageRecord, type MessageRecordColumns } from '../columns.js';
import { parseBody } from '../message-body.js';
import { plainArray, textArray } from './array-text.js';
import type { OnLine } from './calls.js';
import { FIRST_UUID, type IdCodec } from './ids.js';
import type { Line } from './line.js';
import { HORIZON } from './positions.js';
import { inSnapshot, inTransaction } from './transaction.js';

/** A user of no more conversations than this is asked for by them; of more, what is found is looked through. */
const CONVERSATIONS_MAX = 200;
/** The newest messages are looked through before the index of words is asked, which gives everything that it has of a common word. */
const NEWEST = 2_000;
/** Places of a word that a vector keeps; one more is lost without a word. */
const PLACES_OF_WORD_MAX = 255;
/** Of a message whose vector lacks places: its phrases are looked for as single words. */
const CUT_MARK = 'cut';

interface StateColumns { version: number; generation: number; slot: Slot; position: number; building: number | null; stale_ms: number | null; swept: string }
interface PlaceColumns { conversation_id: string; seq: number; position: number }

/** Whoever has it works on the index. */
const LOCK = 0x74_61_6c_73;

const tableOf = (slot: Slot): string => `search_messages_${slot}`;
const STATE = 'SELECT version, generation, slot, position, building, stale_ms, swept FROM search_state';
const NEXT_TIME = '(SELECT time_ms FROM events WHERE position > s.position ORDER BY position LIMIT 1) AS next_ms';

// What the next settled facts are about, as it is now. The text of an edited message stands in the fact at body_seq.
const CHANGED = `WITH facts AS MATERIALIZED (
    SELECT app_id, stream_id, seq, target_seq, type, position FROM events WHERE position > $1 AND position < ${HORIZON} ORDER BY position LIMIT $2
  ), about AS (
    SELECT DISTINCT app_id, stream_id, coalesce(target_seq, seq) AS seq FROM facts WHERE type LIKE 'message.%'
  ), whole AS (
    SELECT count(*) AS facts, max(position) AS last FROM facts
  )
  SELECT w.facts, w.last, m.app_id, m.stream_id, m.position, ${columns(MESSAGE_COLUMNS, 'm')}, m.client_id AS client_id, coalesce(b.payload, m.payload) AS payload
    FROM whole w LEFT JOIN (about a JOIN events m ON m.app_id = a.app_id AND m.stream_id = a.stream_id AND m.seq = a.seq AND m.message > 0) ON true
    LEFT JOIN events b ON b.app_id = m.app_id AND b.stream_id = m.stream_id AND b.seq = m.body_seq`;

const put = (slot: Slot): string => `INSERT INTO ${tableOf(slot)} AS s (app_id, conversation_id, seq, position, words)
  SELECT app_id, conversation_id, seq, position, words::tsvector FROM unnest($1::uuid[], $2::uuid[], $3::bigint[], $4::bigint[], $5::text[]) AS given (app_id, conversation_id, seq, position, words)
  ON CONFLICT (app_id, conversation_id, seq) DO UPDATE SET position = excluded.position, words = excluded.words`;
const remove = (slot: Slot): string => `DELETE FROM ${tableOf(slot)} s USING unnest($1::uuid[], $2::uuid[], $3::bigint[]) AS gone (app_id, conversation_id, seq)
  WHERE s.app_id = gone.app_id AND s.conversation_id = gone.conversation_id AND s.seq = gone.seq`;
/** VIS5: entries whose messages are gone. */
const sweep = (slot: Slot): string => `WITH page AS MATERIALIZED (
    SELECT app_id, conversation_id, seq FROM ${tableOf(slot)} WHERE (app_id, conversation_id, seq) > ($1::uuid, $2::uuid, $3::bigint) ORDER BY app_id, conversation_id, seq LIMIT $4
  ), gone AS (
    DELETE FROM ${tableOf(slot)} s USING page p WHERE s.app_id = p.app_id AND s.conversation_id = p.conversation_id AND s.seq = p.seq
       AND NOT EXISTS (SELECT 1 FROM events e WHERE e.app_id = p.app_id AND e.stream_id = p.conversation_id AND e.seq = p.seq)
  )
  SELECT app_id, conversation_id, seq FROM page ORDER BY app_id, conversation_id, seq`;

const ofUser = (from: string, parameter: string): string =>
  `EXISTS (SELECT 1 FROM members m WHERE m.app_id = $1 AND m.conversation_id = ${from}.conversation_id AND m.user_id = ${parameter}::uuid)`;
/** The last parameter is a user, or null for everything of the app. */
const newest = (slot: Slot): string => `WITH page AS MATERIALIZED (
    SELECT conversation_id, seq, position, words FROM ${tableOf(slot)} WHERE app_id = $1 AND position < $2 ORDER BY position DESC LIMIT ${NEWEST}
  ), found AS MATERIALIZED (
    SELECT p.conversation_id, p.seq, p.position FROM page p WHERE p.words @@ $3::tsquery AND ($5::uuid IS NULL OR ${ofUser('p', '$5')}) ORDER BY p.position DESC LIMIT $4
  )
  SELECT w.looked, w.lowest, f.conversation_id, f.seq, f.position FROM (SELECT count(*) AS looked, min(position) AS lowest FROM page) AS w LEFT JOIN found f ON true ORDER BY f.position DESC`;
const older = (slot: Slot): string => `WITH found AS MATERIALIZED (
    SELECT app_id, conversation_id, seq, position FROM ${tableOf(slot)} WHERE words @@ $3::tsquery
  )
  SELECT f.conversation_id, f.seq, f.position FROM found f WHERE f.app_id = $1 AND f.position < $2 AND ($5::uuid IS NULL OR ${ofUser('f', '$5')}) ORDER BY f.position DESC LIMIT $4`;

const MINE = (active: string): string => `(SELECT conversation_id FROM members WHERE app_id = $1 AND user_id = $2 AND ${active} LIMIT $3)`;
const CONVERSATIONS = `SELECT conversation_id FROM ${MINE('active')} AS now UNION ALL SELECT conversation_id FROM ${MINE('NOT active')} AS once`;

export function createSearchCalls(ids: IdCodec): OnLine<SearchCalls> {
  const stateOf = ({ version, generation, slot, position, building, stale_ms: staleMs }: StateColumns): IndexState => ({ version, generation, slot, position, building, staleMs });

  async function shown(line: Line, nowMs: number): Promise<SearchState> {
    const { rows: [row] } = await line.query<StateColumns & { next_ms: number | null }>(`SELECT s.*, ${NEXT_TIME} FROM search_state s`);
    return shownState(stateOf(row!), row!.next_ms, nowMs);
  }

  /** The state, for this transaction alone. The lock takes no transaction number, which would keep the order of the store open (CLU3). */
  async function takeState(line: Line): Promise<StateColumns> {
    await line.query('SELECT pg_advisory_xact_lock($1)', [LOCK]);
    return (await line.query<StateColumns>(STATE)).rows[0]!;
  }

  /** Undefined while another node has it. */
  async function tryState(line: Line): Promise<StateColumns | undefined> {
    const { rows: [lock] } = await line.query<{ taken: boolean }>('SELECT pg_try_advisory_xact_lock($1) AS taken', [LOCK]);
    return lock?.taken ? (await line.query<StateColumns>(STATE)).rows[0] : undefined;
  }

  const writeState = (line: Line, { version, generation, slot, position, building, staleMs }: IndexState, swept: string) => line.query(
    'UPDATE search_state SET version = $1, generation = $2, slot = $3, position = $4, building = $5::bigint, stale_ms = $6::bigint, swept = $7',
    [version, generation, slot, position, building, staleMs, swept],
  );

  async function begin(line: Line, state: IndexState): Promise<IndexState> {
    await line.query(`TRUNCATE ${tableOf(otherSlot(state))}`);
    return begun(state);
  }

  async function advance(line: Line, slot: Slot, after: number, limit: number): Promise<{ readonly position: number; readonly indexed: number; readonly full: boolean }> {
    type Changed = MessageRecordColumns<string> & { app_id: string | null; stream_id: string; position: number; facts: number; last: number | null };
    const { rows } = await line.query<Changed>(CHANGED, [after, limit]);
    const changed = rows.filter((row): row is Changed & { app_id: string } => row.app_id !== null);
    const kept = changed.filter((row) => row.deleted_ms === null);
    const gone = changed.filter((row) => row.deleted_ms !== null);
    const places = (of: typeof changed) => [plainArray(of.map((row) => row.app_id)), plainArray(of.map((row) => row.stream_id)), plainArray(of.map((row) => row.seq))];
    if (kept.length > 0) {
      const vectors = kept.map((row) => {
        const record = messageRecord(ids, ids.text('app', row.app_id), ids.text('conversation', row.stream_id), row);
        const body = parseBody(record.payload);
        return vectorText(wordsOf(body.text).map(({ folded }) => folded), marksOf(record, body));
      });
      await line.query(put(slot), [...places(kept), plainArray(kept.map((row) => row.position)), textArray(vectors)]);
    }
    if (gone.length > 0) await line.query(remove(slot), places(gone));
    const [first] = rows;
    return { position: first?.last ?? after, indexed: changed.length, full: (first?.facts ?? 0) >= limit };
  }

  async function sweepFrom(line: Line, slot: Slot, swept: string, limit: number): Promise<string> {
    const from = swept === '' ? [FIRST_UUID, FIRST_UUID, -1] : swept.split('/');
    const { rows } = await line.query<{ app_id: string; conversation_id: string; seq: number }>(sweep(slot), [...from, limit]);
    const last = rows.length < limit ? undefined : rows.at(-1);
    return last ? `${last.app_id}/${last.conversation_id}/${last.seq}` : '';
  }

  async function step(line: Line, row: StateColumns, nowMs: number, limit: number, sweepMax: number): Promise<{ readonly indexed: number; readonly full: boolean }> {
    const before = stateOf(row);
    let state = before;
    if (isOutdated(state)) state = await begin(line, state);
    if (isStale(state, nowMs)) {
      await line.query(`TRUNCATE ${tableOf(otherSlot(state))}`);
      state = { ...state, staleMs: null };
    }
    const live = await advance(line, state.slot, state.position, limit);
    let { indexed } = live;
    if (live.position !== state.position) state = { ...state, position: live.position };
    if (state.building !== null) {
      const next = await advance(line, otherSlot(state), state.building, limit);
      indexed += next.indexed;
      state = switched({ ...state, building: next.position }, nowMs);
    }
    const swept = sweepMax > 0 ? await sweepFrom(line, state.slot, row.swept, sweepMax) : row.swept;
    // Nothing is written when there is nothing new.
    if (state !== before || swept !== row.swept) await writeState(line, state, swept);
    return { indexed, full: live.full || state.building !== null };
  }

  /** Marks of the conversations that a user is or was in; undefined when they are too many. */
  async function marksOfUser(line: Line, app: string, user: string): Promise<readonly string[] | undefined> {
    const { rows } = await line.query<{ conversation_id: string }>(CONVERSATIONS, [ids.uuid(app), ids.uuid(user), CONVERSATIONS_MAX + 1]);
    return rows.length > CONVERSATIONS_MAX ? undefined : rows.map((row) => idMark(ids.text('conversation', row.conversation_id)));
  }

  return {
    searchPlaces: (line, { app, viewer, phrases, marks, before, limit }: PlacesQuery): Promise<PlacesPage> => inSnapshot(line, async () => {
      const [{ rows: [row] }, own] = await Promise.all([line.query<StateColumns>(STATE), viewer === null ? undefined : marksOfUser(line, app, viewer)]);
      if (!row || own?.length === 0) return { places: [], next: null };
      const query = queryText(phrases, [...marks, own ?? [idMark(app)]]);
      // Who is asked for by their conversations needs no second look at each.
      const by = viewer === null || own ? null : ids.uuid(viewer);
      const ask = async <Row extends PlaceColumns>(sql: string, bitmaps: 'on' | 'off', from: number, most: number): Promise<readonly Row[]> => {
        // Of a table that is new, Postgres knows too little to choose by itself.
        const [, { rows }] = await Promise.all([line.query(`SET LOCAL enable_bitmapscan = ${bitmaps}`), line.query<Row>(sql, [ids.uuid(app), from, query, most, by])]);
        return rows;
      };
      const placeOf = (found: PlaceColumns) => ({ conversation: ids.text('conversation', found.conversation_id), seq: found.seq, position: found.position });
      const first = await ask<PlaceColumns & { looked: number; lowest: number | null }>(newest(row.slot), 'off', before ?? Number.MAX_SAFE_INTEGER, limit);
      const places = first.filter(({ position }) => position !== null).map(placeOf);
      const [{ looked, lowest } = { looked: 0, lowest: null }] = first;
      if (places.length < limit && looked >= NEWEST && lowest !== null) places.push(...(await ask(older(row.slot), 'on', lowest, limit - places.length)).map(placeOf));
      return { places, next: places.length >= limit ? places.at(-1)?.position ?? null : null };
    }),
    searchState: shown,
    indexMessages: async (line, { nowMs, limit, sweep: sweepMax }): Promise<IndexProgress> => {
      const done = await inTransaction(line, async () => {
        const row = await tryState(line);
        return !row || isNewer(stateOf(row)) ? { indexed: 0, full: false } : step(line, row, nowMs, limit, sweepMax);
      });
      return { ...await shown(line, nowMs), indexed: done.indexed, more: done.full };
    },
    async rebuildSearch(line, nowMs) {
      await inTransaction(line, async () => {
        const row = await takeState(line);
        if (row.building === null) await writeState(line, await begin(line, stateOf(row)), row.swept);
      });
      return shown(line, nowMs);
    },
  };
}

/** A text search vector as Postgres reads it. Words and marks are made of letters and digits alone. */
function vectorText(words: readonly string[], marks: readonly string[]): string {
  const places = new Map<string, number[]>();
  let cut = false;
  for (const [at, word] of words.entries()) {
    const list = places.get(word);
    if (!list) places.set(word, [at + 1]);
    else if (list.length < PLACES_OF_WORD_MAX) list.push(at + 1);
    else cut = true;
  }
  const all = [...places].map(([word, list]) => `'${word}':${list.join(',')}`);
  for (const mark of cut ? [...marks, CUT_MARK] : marks) all.push(`'#${mark}'`);
  return all.join(' ');
}

function queryText(phrases: readonly Phrase[], marks: readonly (readonly string[])[]): string {
  const ofPhrase = ({ words, prefix }: Phrase): string => {
    const terms = words.map((word, at) => `'${word}'${prefix && at === words.length - 1 ? ':*' : ''}`);
    return terms.length === 1 ? terms[0]! : `(${terms.join(' <-> ')}) | ('#${CUT_MARK}' & ${terms.join(' & ')})`;
  };
  const ofMarks = (some: readonly string[]): string => some.map((mark) => `'#${mark}'`).join(' | ');
  return [...phrases.map(ofPhrase), ...marks.map(ofMarks)].map((one) => `(${one})`).join(' & ');
}
