/** Appends of a node: one batch in one transaction, in two round trips, of which the first is made while the batch before commits. */
import { uuid7TimeMs } from '@talaria/protocol';
import type { BatchEntry, BatchOutcome, BegunBatch, Committer } from '../group-commit.js';
import { streamIdKind } from '../ids.js';
import type { Rules } from '../port.js';
import type { StreamRow } from '../rows.js';
import { decideEntry, refuseLane } from '../run-batch.js';
import { UnitOfWork, type WorkSource } from '../unit-of-work.js';
import { columns, STREAM_COLUMNS, streamRow, type StreamColumns } from '../columns.js';
import { plainArray } from './array-text.js';
import { batchOf, keyOf, withinPlaces, type Batch } from './batch.js';
import type { IdCodec } from './ids.js';
import { ConnectionLostError, type Line } from './line.js';
import { inTurn, Lookups, untilRead, whenRead } from './lookups.js';
import { OWN_POSITION } from './positions.js';
import { isConflict, isDataError, isLocked, refusalFor } from './refusal.js';
import { Remembered, type SendRows } from './remembered.js';
import { begin, commit, rollback } from './transaction.js';
import { createLoader, firstAsked, type EntryStreams, type LoaderState, type StreamPlace } from './work-loader.js';
import { createWorkWriter } from './write-work.js';

export interface AppendOptions {
  /** Opens a connection for appends alone: no read is in their way. */
  readonly openLine: () => Line;
  readonly ids: IdCodec;
  readonly rules: Rules;
  readonly source: Omit<WorkSource, 'lastPosition'>;
  /** A transaction that takes longer is broken off: its outcome is then not known. */
  readonly transaction_timeout_ms: number;
  /** For how long locks are waited for only briefly after one was not to be had in time. */
  readonly impatience_ms: number;
  readonly monotonic: () => number;
  readonly bounds: AppendBounds;
  /** Told what became of each batch. */
  readonly settled: (outcomes: readonly BatchOutcome[]) => void;
}

/** What a batch is tried again for: a connection that was lost, and somebody who was faster. */
const ATTEMPTS_MAX = 4;
/** A lock that was not to be had lately is waited for so long: longer than other nodes hold one. */
const BRIEFLY_MS = 250;
export interface AppendBounds {
  /** A command that was made so shortly ago is new but for few, and is not looked up first. Keys are kept far longer (SND2). */
  readonly new_ms: number;
  /** When so many wait, their batch is begun while the one before is being committed. Fewer go together behind it, with one fsync. */
  readonly ahead_min: number;
}

export const defaultAppendBounds: AppendBounds = { new_ms: 60_000, ahead_min: 64 };

const unnested = 'unnest($1::uuid[], $2::uuid[]) AS given (app_id, stream_id)';
const ENSURE = `INSERT INTO streams (app_id, stream_id, kind, head_seq, head_position, head_event_id, floor_seq, floor_ordinal, ordinal, marks_version)
  SELECT given.app_id, given.stream_id, 'u', 0, 0, '', 0, 0, 0, 0 FROM ${unnested} JOIN users u ON u.app_id = given.app_id AND u.id = given.stream_id
  ORDER BY 1, 2 ON CONFLICT DO NOTHING`;
const FOUND = `SELECT s.app_id, s.stream_id, s.kind, ${columns(STREAM_COLUMNS, 's')} FROM ${unnested} JOIN streams s ON s.app_id = given.app_id AND s.stream_id = given.stream_id`;
// In order, so that nodes never wait for each other in a circle.
const LOCK = `${FOUND} ORDER BY s.app_id, s.stream_id FOR NO KEY UPDATE OF s`;
const OWN = `SELECT ${OWN_POSITION} AS position, keys_floor_ms FROM store`;

type FoundStream = StreamColumns & { readonly app_id: string; readonly stream_id: string; readonly kind: string };

/** What a transaction has found behind its locks. */
interface Found {
  readonly rows: ReadonlyMap<string, StreamRow>;
  /** What somebody else holds, and was not waited for. */
  readonly held: ReadonlySet<string>;
  readonly position: number;
  readonly keysFloorMs: number;
}

/** A transaction that has locked and read what its batch needs first. */
interface Opened {
  readonly line: Line;
  readonly lookups: Lookups;
  readonly made: Set<string>;
  readonly found: Promise<Found>;
  /** It is no more. */
  over: boolean;
  end(): void;
}

/** How a batch is tried. */
interface Way {
  /** What somebody else holds is not waited for. */
  readonly skip: boolean;
  /** Every command is looked up first. */
  readonly sure: boolean;
}

const ignore = (): void => undefined;

export function createAppender(options: AppendOptions): Committer & { close(): Promise<void> } {
  const { ids, rules, source } = options;
  const write = createWorkWriter(ids);
  const remembered = new Remembered();
  let impatientUntilMs = Number.NEGATIVE_INFINITY;
  let current: Line | undefined;
  /** The last transaction that was opened: behind one that is being committed, perhaps. */
  let last: Opened | undefined;
  /** Whether a command of the last batch was refused retryably: others may stand behind it (SND4). */
  let blocking = false;

  function line(): Line {
    if (!current?.alive) current = options.openLine();
    return current;
  }

  const placesOf = (places: readonly StreamPlace[]): readonly [string, string] => {
    const unique = [...new Map(places.map((place) => [keyOf(place), place])).values()];
    return [plainArray(unique.map(({ app }) => ids.uuid(app))), plainArray(unique.map(({ stream }) => ids.uuid(stream)))];
  };

  /** Locks the streams that the batch may append to. */
  async function lock(on: Line, { streams }: Batch, skip: boolean): Promise<Pick<Found, 'rows' | 'held'>> {
    const wanted = placesOf([...streams.values()].flatMap(({ known, users }) => [...known, ...users]));
    const answers = await Promise.all([
      on.query<FoundStream>(skip ? `${LOCK} SKIP LOCKED` : LOCK, wanted),
      ...(skip ? [on.query<FoundStream>(FOUND, wanted)] : []),
    ]);
    const [rows, all] = answers.map((answer) => new Map(answer.rows.map((row) => {
      const stream = streamRow(ids.text('app', row.app_id), ids.text(streamIdKind(row.kind), row.stream_id), row);
      return [keyOf(stream), stream] as const;
    })));
    return { rows: rows!, held: new Set([...all?.keys() ?? []].filter((key) => !rows!.has(key))) };
  }

  /** Sends all that a batch asks first, and waits for nothing. */
  function open(batch: Batch, way: Way): Opened {
    if (last && !last.over) throw new Error('a connection has one transaction at a time');
    const on = line();
    const timer = setTimeout(() => on.break(`a transaction took longer than ${options.transaction_timeout_ms} ms`), options.transaction_timeout_ms);
    const [lookups, made] = [new Lookups(), new Set<string>()];
    const found = find(on, batch, way, lookups, made);
    found.catch(ignore);
    last = { line: on, lookups, made, found, over: false, end: () => clearTimeout(timer) };
    return last;
  }

  async function find(on: Line, batch: Batch, way: Way, lookups: Lookups, made: ReadonlySet<string>): Promise<Found> {
    const { locking, reading, own, ensured } = on.together(() => ask(on, batch, way, lookups, made));
    const [{ rows, held }, { rows: [at] }] = await Promise.all([locking, own, reading, ensured]);
    return { rows, held, position: at!.position, keysFloorMs: at!.keys_floor_ms };
  }

  function ask(on: Line, batch: Batch, { skip, sure }: Way, lookups: Lookups, made: ReadonlySet<string>) {
    begin(on);
    if (options.monotonic() < impatientUntilMs) on.query(`SET LOCAL lock_timeout = ${BRIEFLY_MS}`).catch(ignore);
    const users = [...batch.streams.values()].flatMap((streams) => streams.users);
    const ensured = users.length === 0 ? undefined : on.query(ENSURE, placesOf(users));
    const locking = lock(on, batch, skip);
    const loader = createLoader(ids, {
      lookups, made, locked: new Map(), keysFloorMs: 0, seen: () => undefined, takenForNew: takenForNew(sure, new Set()),
      remembered: (app, conversation) => (batch.mixed.has(conversation) ? undefined : remembered.find(app, conversation)),
    });
    for (const entry of batch.entries) whenRead(() => inTurn(firstAsked(loader, entry), (want) => want()));
    const reading = lookups.read(on);
    // The floor behind the keys: a key that is being forgotten is known, or its floor is (SND2).
    const own = on.query<{ position: number; keys_floor_ms: number }>(OWN);
    return { locking, reading, own, ensured };
  }

  /** @param looked commands that are not taken for new any more @param taken told which were */
  function takenForNew(sure: boolean, looked: ReadonlySet<string>, taken?: Set<string>): LoaderState['takenForNew'] {
    if (sure) return () => false;
    const nowMs = source.now();
    return (clientId) => {
      const madeMs = uuid7TimeMs(clientId);
      if (madeMs === undefined || Math.abs(nowMs - madeMs) >= options.bounds.new_ms || looked.has(clientId)) return false;
      taken?.add(clientId);
      return true;
    };
  }

  /** Decides and writes. @throws what went wrong, and nothing is written then but behind a ConnectionLostError */
  async function finish(opened: Opened, batch: Batch, sure: boolean, blocked: Set<number>, asked: () => void): Promise<readonly BatchOutcome[]> {
    const { lookups, made } = opened;
    try {
      const { rows, held, position, keysFloorMs } = await opened.found;
      const locked = { get: (app: string, stream: string) => rows.get(keyOf({ app, stream })) };
      const looked = new Set<string>();
      const newConversationId = (): string => {
        const id = source.newConversationId();
        made.add(id);
        return id;
      };
      const decided = await untilRead(lookups, opened.line, () => {
        const inside = new Set(blocked);
        const seen = new Map<string, SendRows>();
        const taken = new Set<string>();
        const loader = createLoader(ids, {
          lookups, locked, keysFloorMs, made, takenForNew: takenForNew(sure, looked, taken),
          remembered(app, conversation) {
            const stream = batch.mixed.has(conversation) ? undefined : locked.get(app, conversation);
            return stream && remembered.at(stream);
          },
          seen(app, conversation) {
            if (batch.mixed.has(conversation)) return undefined;
            const name = keyOf({ app, stream: conversation });
            const known = seen.get(name) ?? { conversation: undefined, members: new Map() };
            seen.set(name, known);
            return known;
          },
        });
        const work = new UnitOfWork(loader, { ...source, newConversationId, lastPosition: position });
        const outcomes = inTurn(batch.entries, (entry) => (held.size > 0 && isHeld(batch.streams.get(entry)!, held) ? refuseLane(heldRefusal(), entry, inside) : decideEntry(work, rules, entry, inside)));
        // SND2: what is refused may be a repeat of what was not. What is not refused shows it by its key.
        return doubtRefused(batch.entries, outcomes, taken, looked) ? undefined : { inside, seen, work, outcomes };
      });
      const { inside, seen, work, outcomes } = decided;
      if (work.changes === 0) {
        opened.over = true;
        void rollback(opened.line);
        asked();
      } else {
        const writing = Promise.all(opened.line.together(() => [...write(opened.line, work), commit(opened.line)]));
        opened.over = true;
        asked();
        await writing;
        for (const stream of work.changedStreams) {
          const key = keyOf(stream);
          const before = rows.get(key);
          const send = seen.get(key);
          if (before && send) remembered.keep(stream, before.headEventId, send);
        }
      }
      for (const lane of inside) blocked.add(lane);
      return outcomes;
    } finally {
      opened.end();
      await drop(opened);
    }
  }

  async function drop(opened: Opened): Promise<void> {
    if (opened.over) return;
    opened.over = true;
    opened.end();
    await rollback(opened.line);
  }

  /** If an entry's data keep a batch from being committed, its halves are tried, so that one bad append fails alone (ISO4). */
  async function runSplit(batch: Batch, blocked: Set<number>, asked: () => void, opened?: Opened): Promise<readonly BatchOutcome[]> {
    let failure: unknown;
    let [skip, sure] = [false, false];
    for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt += 1) {
      try {
        if (attempt === 0 && opened && !opened.over) return await finish(opened, batch, sure, blocked, asked);
        // What was opened behind it begins again when this is done.
        if (last) await drop(last);
        return await finish(open(batch, { skip, sure }), batch, sure, blocked, attempt === 0 ? asked : ignore);
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
        sure = true;
      }
    }
    const toSplit = isDataError(failure) || refusalFor(failure).code === 'internal';
    if (batch.entries.length === 1 || !toSplit) {
      const refusal = refusalFor(failure);
      return batch.entries.map((entry) => refuseLane({ ok: false, refusal }, entry, blocked));
    }
    const middle = Math.ceil(batch.entries.length / 2);
    return [
      ...await runSplit(batchOf(batch.entries.slice(0, middle)), blocked, ignore), ...await runSplit(batchOf(batch.entries.slice(middle)), blocked, ignore),
    ];
  }

  async function run(parts: readonly Batch[], opened: Opened | undefined, asked: () => void): Promise<readonly BatchOutcome[]> {
    const blocked = new Set<number>();
    const outcomes: BatchOutcome[] = [];
    for (const [at, part] of parts.entries()) outcomes.push(...await runSplit(part, blocked, at === parts.length - 1 ? asked : ignore, at === 0 ? opened : undefined));
    blocking = blocked.size > 0;
    options.settled(outcomes);
    return outcomes;
  }

  return {
    ahead_min: options.bounds.ahead_min, ahead_max: 1,
    begin(entries, ahead): BegunBatch {
      const parts = withinPlaces(entries);
      // The batch before may be at it once more.
      const opened = last && !last.over ? undefined : open(parts[0]!, { skip: false, sure: false });
      const forget = async (): Promise<undefined> => {
        if (opened) await drop(opened);
        return undefined;
      };
      return {
        commit() {
          if (ahead && blocking) return { asked: Promise.resolve(), outcomes: forget() };
          let tell = ignore;
          const asked = new Promise<void>((resolve) => {
            tell = resolve;
          });
          return { asked, outcomes: run(parts, opened, tell).finally(tell) };
        },
        forget: () => void forget(),
      };
    },
    async close() {
      await current?.close();
    },
  };
}

const heldRefusal = (): BatchOutcome => ({ ok: false, refusal: { code: 'unavailable', message: 'Another session holds this conversation.', retryAfterMs: 500 } });

const isHeld = ({ known, users }: EntryStreams, held: ReadonlySet<string>): boolean => [...known, ...users].some((place) => held.has(keyOf(place)));

/** @param looked gets those that were refused without a look at their keys @returns whether there are any */
function doubtRefused(entries: readonly BatchEntry[], outcomes: readonly BatchOutcome[], taken: ReadonlySet<string>, looked: Set<string>): boolean {
  const before = looked.size;
  entries.forEach((entry, at) => {
    if (!outcomes[at]!.ok && entry.kind === 'command' && taken.has(entry.command.clientId)) looked.add(entry.command.clientId);
  });
  return looked.size > before;
}
