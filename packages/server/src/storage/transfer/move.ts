/** Moves a log to another database while it is served (RES5). */
import { compareDelta, mergeChanged, sizeOf, type Delta, type FindRows } from './delta.js';
import { compareAll, type ReadRows } from './compare.js';
import { TransferRefusedError } from './errors.js';
import type { OnProgress, StoreState } from './snapshot.js';
import { TABLES, tableOf, type Row, type Table, type TableName } from './tables.js';

/** How far the copying has come. Kept where it is copied to, in the transactions that copy. */
export interface MoveProgress {
  /** Of the note that the source keeps of its changes. */
  readonly id: string;
  /** The last change that has been copied. */
  readonly change: number;
  /** Of each table that was begun: the last row of the walk through it, and whether that has come to the end. */
  readonly walks: Readonly<Partial<Record<TableName, Walk>>>;
}

export interface Walk {
  /** Null before the first row. */
  readonly at: Row | null;
  readonly done: boolean;
}

/** Where the log is. It is read and written in transactions, one at a time; a server is at work on it all the while. */
export interface MoveSource {
  /** Named without a password. */
  readonly shown: string;
  movedTo(): string | null;
  state(): StoreState;
  /** Notes from now on what changes, as it is committed. @returns the id of the note; that of earlier when there is one already */
  track(): string;
  begin(mode: 'read' | 'write'): void;
  end(how: 'commit' | 'rollback'): void;
  /** The next rows of a table, and where the walk stands behind them. */
  walk(of: Table, at: Row | null, limit: number): { readonly rows: readonly Row[]; readonly walk: Walk };
  /** What has changed behind a change, but new facts: they stand at the end of the walk. */
  changes(after: number, limit: number): Delta & { readonly upTo: number; readonly more: boolean };
  /** Forgets changes that have been copied. */
  trim(upTo: number): void;
  readonly rows: ReadRows;
  /** In a transaction that writes: nothing can be written any more behind its commit. */
  markMoved(to: string): void;
}

/** Where the log goes. */
export interface MoveTarget {
  readonly shown: string;
  /** Null when nothing was begun. */
  progress(): Promise<MoveProgress | null>;
  apply(delta: Delta, progress: MoveProgress): Promise<void>;
  readonly find: FindRows;
  /** Reads all of it at one moment. */
  compared<T>(read: (rows: ReadRows) => Promise<T>): Promise<T>;
  /** Writes what is said of the log as a whole. No server takes it before `open`. */
  finish(state: StoreState): Promise<void>;
  /** From now on servers may work on it. */
  open(): Promise<void>;
}

export interface MoveOptions {
  readonly source: MoveSource;
  readonly target: MoveTarget;
  readonly monotonic: () => number;
  readonly onProgress: OnProgress;
}

export interface Moved {
  readonly from: string;
  readonly to: string;
  readonly epoch: string;
  readonly rows: number;
  /** Streams whose checksums were compared. */
  readonly streams: number;
  /** Whether an earlier run had begun it. */
  readonly resumed: boolean;
  /** For how long nothing could be written. */
  readonly pause_ms: number;
}

const PAGE_ROWS = 1_000;
/** Many, because most are of the same few rows: streams and members in which much is said. */
const CHANGES = 10_000;
/** So little that the pause is short. */
const LITTLE_ROWS = 200;
/** Where more is written than can be copied, the pause has to be longer. */
const ROUNDS_MAX = 1_000;
/** Tables of which one points to the other, and that are small: read at one moment. */
const TOGETHER: readonly TableName[] = ['tenants', 'apps'];

/**
 * Copies table after table, then what has changed meanwhile, again and again; compares all of it; and ends with a moment in which
 * nothing can be written. Killed at any place, it goes on from there when it is called again.
 *
 * The source notes its changes by itself, in the transactions that make them: what has been copied and changes afterwards is copied
 * again, whatever it is. New facts are found at the end of the log.
 *
 * @throws TransferRefusedError, UnsoundError; the source is then what it was, and serves on
 */
export async function move({ source, target, monotonic, onProgress }: MoveOptions): Promise<Moved> {
  const earlier = await target.progress();
  const movedTo = source.movedTo();
  if (movedTo !== null) {
    if (!earlier || movedTo !== target.shown) throw new TransferRefusedError(`${source.shown} has moved to ${movedTo} already`);
    // It was killed behind the pause: all is there.
    await target.open();
    return { from: source.shown, to: target.shown, epoch: source.state().epoch, rows: 0, streams: 0, resumed: true, pause_ms: 0 };
  }
  const id = source.track();
  if (earlier && earlier.id !== id) throw new TransferRefusedError(`${target.shown} holds the beginning of another move; name an empty database`);
  let progress: MoveProgress = earlier ?? { id, change: 0, walks: {} };
  let total = 0;

  async function apply(delta: Delta, next: MoveProgress, compared: boolean): Promise<void> {
    await target.apply(delta, next);
    progress = next;
    total += sizeOf(delta);
    if (compared) await compareDelta(delta, target.find);
  }

  /** What is new, in the transaction that is open. @returns undefined when there is nothing */
  function next(): { readonly delta: Delta; readonly progress: MoveProgress; readonly more: boolean } | undefined {
    const { changed, removed, upTo, more } = source.changes(progress.change, CHANGES);
    const events = tableOf('events');
    const { rows, walk } = source.walk(events, progress.walks.events?.at ?? null, PAGE_ROWS);
    if (upTo === progress.change && rows.length === 0) return undefined;
    const delta = { changed: mergeChanged([{ of: events, rows }, ...changed]), removed };
    return { delta, more: more || rows.length === PAGE_ROWS, progress: { ...progress, change: upTo, walks: { ...progress.walks, events: { ...walk, done: true } } } };
  }

  /** Everything that is new in the transaction that is open. */
  async function drain(compared: boolean): Promise<void> {
    for (let part = next(); part; part = next()) await apply(part.delta, part.progress, compared);
  }

  async function copyTables(): Promise<void> {
    for (const of of TABLES) {
      for (let walk = progress.walks[of.name]; !walk?.done; walk = progress.walks[of.name]) {
        const together = TOGETHER.includes(of.name) ? TOGETHER.map(tableOf) : [of];
        const parts = reading(source, () => together.map((one) => ({ of: one, ...source.walk(one, progress.walks[one.name]?.at ?? null, together.length > 1 ? Number.MAX_SAFE_INTEGER : PAGE_ROWS) })));
        const walks = { ...progress.walks, ...Object.fromEntries(parts.map((part) => [part.of.name, part.walk])) };
        await apply({ changed: parts, removed: [] }, { ...progress, walks }, false);
        onProgress({ doing: `copying ${of.name}`, rows: total });
      }
    }
  }

  /** @param compared whether what arrives is read again */
  async function catchUp(compared: boolean): Promise<void> {
    for (let round = 0; round < ROUNDS_MAX; round += 1) {
      const part = reading(source, next);
      if (!part) return;
      await apply(part.delta, part.progress, compared);
      source.trim(progress.change);
      onProgress({ doing: 'copying what has changed', rows: total });
      if (!part.more && sizeOf(part.delta) < LITTLE_ROWS) return;
    }
  }

  /** All that is there, at one moment of the source; what comes later is compared as it comes. */
  async function compare(): Promise<number> {
    source.begin('read');
    try {
      await drain(false);
      return await target.compared((rows) => compareAll(source.rows, rows, onProgress));
    } finally {
      source.end('rollback');
    }
  }

  async function pause(): Promise<number> {
    source.begin('write');
    const fromMs = monotonic();
    try {
      await drain(true);
      await target.finish(source.state());
      source.markMoved(target.shown);
      source.end('commit');
    } catch (error) {
      source.end('rollback');
      throw error;
    }
    return monotonic() - fromMs;
  }

  await copyTables();
  await catchUp(false);
  const streams = await compare();
  await catchUp(true);
  const { epoch } = source.state();
  const pause_ms = await pause();
  await target.open();
  return { from: source.shown, to: target.shown, epoch, rows: total, streams, resumed: earlier !== null, pause_ms };
}

function reading<T>(source: MoveSource, read: () => T): T {
  source.begin('read');
  try {
    return read();
  } finally {
    source.end('rollback');
  }
}
