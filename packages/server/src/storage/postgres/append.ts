/** Appends of a node: one batch in one transaction, in two round trips. */
import type { BatchEntry, BatchOutcome } from '../group-commit.js';
import type { Rules } from '../port.js';
import type { StreamRow } from '../rows.js';
import { decideEntry, refuseLane } from '../run-batch.js';
import { UnitOfWork, type WorkSource } from '../unit-of-work.js';
import { plainArray } from './array-text.js';
import { streamIdKind } from '../ids.js';
import type { IdCodec } from './ids.js';
import { ConnectionLostError, type Line } from './line.js';
import type { Lines } from './lines.js';
import { inTurn, Lookups, NotReadError } from './lookups.js';
import { OWN_POSITION, PLACES } from './positions.js';
import { isConflict, isDataError, isLocked, refusalFor } from './refusal.js';
import { columns, STREAM_COLUMNS, streamRow, type StreamColumns } from '../columns.js';
import { commit } from './transaction.js';
import { createLoader, firstAsked, streamsOf, type StreamPlace } from './work-loader.js';
import { createWorkWriter } from './write-work.js';

export interface AppendOptions {
  readonly lines: Lines;
  readonly ids: IdCodec;
  readonly rules: Rules;
  readonly source: Omit<WorkSource, 'lastPosition'>;
  /** For how long locks are waited for only briefly after one was not to be had in time. */
  readonly impatience_ms: number;
  readonly monotonic: () => number;
}

/** What a batch is tried again for: a connection that was lost, and somebody who was faster. */
const ATTEMPTS_MAX = 4;
/** A lock that was not to be had lately is waited for so long: longer than other nodes hold one. */
const BRIEFLY_MS = 250;
/** More runs of the rules than any batch needs. */
const RUNS_MAX = 16;

const unnested = 'unnest($1::uuid[], $2::uuid[]) AS given (app_id, stream_id)';
const ENSURE = `INSERT INTO streams (app_id, stream_id, kind, head_seq, head_position, head_event_id, floor_seq, floor_ordinal, ordinal, marks_version)
  SELECT given.app_id, given.stream_id, 'u', 0, 0, '', 0, 0, 0, 0 FROM ${unnested} JOIN users u ON u.app_id = given.app_id AND u.id = given.stream_id
  ORDER BY 1, 2 ON CONFLICT DO NOTHING`;
const FOUND = `SELECT s.app_id, s.stream_id, s.kind, ${columns(STREAM_COLUMNS, 's')} FROM ${unnested} JOIN streams s ON s.app_id = given.app_id AND s.stream_id = given.stream_id`;
// In order, so that nodes never wait for each other in a circle.
const LOCK = `${FOUND} ORDER BY s.app_id, s.stream_id FOR NO KEY UPDATE OF s`;
const OWN = `SELECT ${OWN_POSITION} AS position, keys_floor_ms FROM store`;

type FoundStream = StreamColumns & { readonly app_id: string; readonly stream_id: string; readonly kind: string };

const keyOf = ({ app, stream }: StreamPlace): string => `${app}/${stream}`;

/** @returns how a batch is committed; it never rejects */
export function createAppender(options: AppendOptions): (batch: readonly BatchEntry[]) => Promise<readonly BatchOutcome[]> {
  const { lines, ids, rules, source } = options;
  const write = createWorkWriter(ids);
  let impatientUntilMs = Number.NEGATIVE_INFINITY;

  const placesOf = (places: readonly StreamPlace[]): readonly [string, string] => {
    const unique = [...new Map(places.map((place) => [keyOf(place), place])).values()];
    return [plainArray(unique.map(({ app }) => ids.uuid(app))), plainArray(unique.map(({ stream }) => ids.uuid(stream)))];
  };

  /** Locks the streams that the batch may append to. @param skip what somebody else holds is not waited for @returns what was found, and what somebody else holds */
  async function lock(line: Line, batch: readonly BatchEntry[], skip: boolean): Promise<{ readonly rows: ReadonlyMap<string, StreamRow>; readonly held: ReadonlySet<string> }> {
    const streams = batch.map(streamsOf);
    const users = streams.flatMap((one) => one.users);
    const wanted = placesOf([...streams.flatMap((one) => one.known), ...users]);
    const answers = await Promise.all([
      line.query<FoundStream>(skip ? `${LOCK} SKIP LOCKED` : LOCK, wanted),
      ...(skip ? [line.query<FoundStream>(FOUND, wanted)] : []),
    ]);
    const [rows, all] = answers.map((answer) => new Map(answer.rows.map((row) => {
      const stream = streamRow(ids.text('app', row.app_id), ids.text(streamIdKind(row.kind), row.stream_id), row);
      return [keyOf(stream), stream] as const;
    })));
    return { rows: rows!, held: new Set([...all?.keys() ?? []].filter((key) => !rows!.has(key))) };
  }

  /** Sends a transaction up to its commit, and the commit with it. @throws what went wrong, and nothing is written then but behind a ConnectionLostError */
  async function runTogether(line: Line, batch: readonly BatchEntry[], blocked: Set<number>, skip: boolean): Promise<readonly BatchOutcome[]> {
    const ignore = (): void => undefined;
    line.query('BEGIN').catch(ignore);
    if (options.monotonic() < impatientUntilMs) line.query(`SET LOCAL lock_timeout = ${BRIEFLY_MS}`).catch(ignore);
    try {
      const users = batch.flatMap((entry) => streamsOf(entry).users);
      const ensured = users.length === 0 ? undefined : line.query(ENSURE, placesOf(users));
      const locking = lock(line, batch, skip);
      const lookups = new Lookups();
      const made = new Set<string>();
      const newConversationId = (): string => {
        const id = source.newConversationId();
        made.add(id);
        return id;
      };
      const none = createLoader(ids, { lookups, locked: new Map(), keysFloorMs: 0, made });
      for (const entry of batch) unread(() => inTurn(firstAsked(none, entry), (ask) => ask()));
      const reading = lookups.read(line);
      // The floor behind the keys: a key that is being forgotten is known, or its floor is (SND2).
      const own = line.query<{ position: number; keys_floor_ms: number }>(OWN);
      const [{ rows, held }, { rows: [at] }] = await Promise.all([locking, own, reading, ensured]);
      const locked = { get: (app: string, stream: string) => rows.get(keyOf({ app, stream })) };
      for (let run = 0; run < RUNS_MAX; run += 1) {
        const inside = new Set(blocked);
        const work = new UnitOfWork(createLoader(ids, { lookups, locked, keysFloorMs: at!.keys_floor_ms, made }), { ...source, newConversationId, lastPosition: at!.position });
        const outcomes = unread(() => inTurn(batch, (entry) => (isHeld(entry, held) ? refuseLane(heldRefusal(), entry, inside) : decideEntry(work, rules, entry, inside))));
        if (!outcomes) {
          await lookups.read(line);
          continue;
        }
        if (work.changes === 0) line.query('ROLLBACK').catch(ignore);
        else await Promise.all([...write(line, work), commit(line)]);
        for (const lane of inside) blocked.add(lane);
        return outcomes;
      }
      throw new Error('the rules ask for ever more');
    } catch (error) {
      await line.query('ROLLBACK').catch(ignore);
      throw error;
    }
  }

  /** If an entry's data keep a batch from being committed, its halves are tried, so that one bad append fails alone (ISO4). */
  async function runSplit(batch: readonly BatchEntry[], blocked: Set<number>): Promise<readonly BatchOutcome[]> {
    let failure: unknown;
    let skip = false;
    for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt += 1) {
      try {
        return await lines.lend((line) => runTogether(line, batch, blocked, skip));
      } catch (error) {
        failure = error;
        if (isLocked(error)) {
          // Once more without what is held; what waits behind that, as for a whole table, is refused.
          if (skip) break;
          skip = true;
          impatientUntilMs = options.monotonic() + options.impatience_ms;
          continue;
        }
        // What a lost connection has committed answers as a duplicate (ISO4); so does what another node has just done.
        if (!(error instanceof ConnectionLostError) && !isConflict(error)) break;
      }
    }
    const toSplit = isDataError(failure) || refusalFor(failure).code === 'internal';
    if (batch.length === 1 || !toSplit) {
      const refusal = refusalFor(failure);
      return batch.map((entry) => refuseLane({ ok: false, refusal }, entry, blocked));
    }
    const middle = Math.ceil(batch.length / 2);
    return [...await runSplit(batch.slice(0, middle), blocked), ...await runSplit(batch.slice(middle), blocked)];
  }

  return async (batch) => {
    const blocked = new Set<number>();
    const outcomes: BatchOutcome[] = [];
    for (const part of withinPlaces(batch)) outcomes.push(...await runSplit(part, blocked));
    return outcomes;
  };
}

const heldRefusal = (): BatchOutcome => ({ ok: false, refusal: { code: 'unavailable', message: 'Another session holds this conversation.', retryAfterMs: 500 } });

function isHeld(entry: BatchEntry, held: ReadonlySet<string>): boolean {
  if (held.size === 0) return false;
  const { known, users } = streamsOf(entry);
  return [...known, ...users].some((place) => held.has(keyOf(place)));
}

/** @returns undefined when something has not been read yet */
function unread<T>(run: () => T): T | undefined {
  try {
    return run();
  } catch (error) {
    if (error instanceof NotReadError) return undefined;
    throw error;
  }
}

/** A transaction has so many places for facts. */
function* withinPlaces(batch: readonly BatchEntry[]): Generator<readonly BatchEntry[]> {
  let part: BatchEntry[] = [];
  let places = 0;
  for (const entry of batch) {
    const { known, users } = streamsOf(entry);
    // A member that is added makes two facts.
    const most = 1 + known.length + users.length * 2;
    if (places + most >= PLACES && part.length > 0) {
      yield part;
      part = [];
      places = 0;
    }
    part.push(entry);
    places += most;
  }
  if (part.length > 0) yield part;
}
