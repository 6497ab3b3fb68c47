/** Ports of the copying: a database that is read as it was at one moment, and one that is filled. */
import type { Row, Table } from './tables.js';

/** What is said of a database as a whole. */
export interface StoreState {
  /** RES5 */
  readonly epoch: string;
  /** No fact stands behind it. */
  readonly position: number;
  /** SND2: older client ids are refused. */
  readonly keysFloorMs: number;
  readonly createdMs: number;
  /** Tells whether a secret is the one that app secrets are sealed with; null when that is not known. */
  readonly secretCheck: string | null;
}

export interface SnapshotState extends StoreState {
  readonly driver: string;
  readonly schemaVersion: number;
}

/** A database as it was at one moment, also while others write to it. */
export interface Snapshot {
  readonly state: SnapshotState;
  /** All rows of a table in the order of its key, some at a time. */
  rows(of: Table): AsyncIterable<readonly Row[]>;
  close(): Promise<void>;
}

/** An empty database that is filled: with all of it or nothing. */
export interface Sink {
  write(of: Table, rows: readonly Row[]): Promise<void>;
  /** Makes it last, with an epoch of its own choice. */
  commit(state: StoreState): Promise<void>;
  /** Leaves nothing behind. */
  abandon(): Promise<void>;
}

/** Told how far long work has come. */
export type OnProgress = (progress: Progress) => void;

export interface Progress {
  /** What is being done, as `copying events`. */
  readonly doing: string;
  readonly rows: number;
}
