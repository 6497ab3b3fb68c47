import type { FloorEntry, LogEntry, Recorded } from './entries.js';
import type { HistoryFile } from './files.js';
import { lineError } from './history-error.js';
import { piecesOf, staysOf, type Piece, type Stay } from './membership.js';

/** A row of the log. */
export type LogRow = Recorded<LogEntry>;

/** One stream of the log. */
export interface StreamLog {
  readonly stream: string;
  /** Undefined when retention has removed every row. */
  readonly app: string | undefined;
  /** In ascending order, one row a seq. */
  readonly rows: readonly LogRow[];
  readonly bySeq: ReadonlyMap<number, LogRow>;
  /** Rows at a seq that another row already has. */
  readonly again: readonly LogRow[];
  /** 1 when retention has removed nothing. */
  readonly floorSeq: number;
  /** The first seq from which on retention has removed nothing. */
  readonly knownFrom: number;
  readonly head: number;
  readonly stays: ReadonlyMap<string, readonly Stay[]>;
}

const EVERYTHING: readonly Piece[] = [{ from: 1, to: Number.POSITIVE_INFINITY, sight: 'in' }];

/** The rows of the log's file. Throws a HistoryError where a client's line stands among them. */
export function logRowsOf(file: HistoryFile): { rows: LogRow[]; floors: Recorded<FloorEntry>[] } {
  const rows: LogRow[] = [];
  const floors: Recorded<FloorEntry>[] = [];
  for (const entry of file.entries) {
    if (entry.k === 'log') rows.push(entry);
    else if (entry.k === 'floor') floors.push(entry);
    else if (entry.k !== 'canary') throw lineError(file.name, entry.line, `${entry.k} does not belong in log.ndjson`);
  }
  return { rows, floors };
}

/** The log by stream. */
export function streamsOf(rows: readonly LogRow[], floors: readonly FloorEntry[]): Map<string, StreamLog> {
  const floorOf = new Map(floors.map((floor) => [floor.stream, Math.max(1, floor.floor_seq)]));
  const grouped = new Map<string, LogRow[]>(floors.map((floor) => [floor.stream, []]));
  for (const row of rows) {
    const group = grouped.get(row.stream);
    if (group === undefined) grouped.set(row.stream, [row]);
    else group.push(row);
  }
  return new Map([...grouped].map(([stream, group]) => [stream, streamOf(stream, group, floorOf.get(stream) ?? 1)]));
}

/** What a user may see of a stream (ISO2, VIS1). A backend, whose user is empty, sees its whole app. */
export function piecesFor(log: StreamLog, user: string): readonly Piece[] {
  if (user === '') return EVERYTHING;
  if (isUserStream(log.stream)) return log.stream === user ? EVERYTHING : [];
  return piecesOf(log.stays.get(user) ?? [], log.knownFrom);
}

/** VIS4: the row with which a message was deleted for everyone, or disappeared. */
export function isTombstone({ type }: LogRow): boolean {
  return type === 'message.deleted' || type === 'message.expired';
}

/** A user's own stream, not a conversation. */
export function isUserStream(stream: string): boolean {
  return stream.startsWith('u_');
}

/** True when a stream belongs to another app than the client's (H8). Of a stream that the log lacks, nobody knows. */
export function isForeign(log: StreamLog | undefined, app: string): boolean {
  return log?.app !== undefined && log.app !== app;
}

/** True when retention has removed the row (VIS5), so that nothing can be said of it. */
export function isRetired(log: StreamLog, seq: number): boolean {
  return seq < log.floorSeq && !log.bySeq.has(seq);
}

function streamOf(stream: string, group: readonly LogRow[], floorSeq: number): StreamLog {
  const sorted = group.toSorted((a, b) => a.seq - b.seq);
  const bySeq = new Map<number, LogRow>();
  const again: LogRow[] = [];
  for (const row of sorted) {
    if (bySeq.has(row.seq)) again.push(row);
    else bySeq.set(row.seq, row);
  }
  const rows = again.length === 0 ? sorted : [...bySeq.values()];
  const knownFrom = knownFromOf(bySeq, floorSeq);
  const stays = isUserStream(stream) ? new Map<string, Stay[]>() : staysOf(rows, knownFrom);
  return { stream, app: rows[0]?.app, rows, bySeq, again, floorSeq, knownFrom, head: rows.at(-1)?.seq ?? floorSeq - 1, stays };
}

/** Rows below the floor may be there still; those that reach the floor without a hole count as known. */
function knownFromOf(bySeq: ReadonlyMap<number, LogRow>, floorSeq: number): number {
  let knownFrom = floorSeq;
  while (bySeq.has(knownFrom - 1)) knownFrom -= 1;
  return knownFrom;
}
