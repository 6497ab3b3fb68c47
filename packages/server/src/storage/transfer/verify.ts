/** Whether a backup, or a database, holds together. */
import { createChecks, type Checks } from './checks.js';
import { BackupUnusableError, UnsoundError } from './errors.js';
import type { Counts, Header } from './format.js';
import { readBackup, type BackupPart } from './read-file.js';
import type { OnProgress, Snapshot, SnapshotState } from './snapshot.js';
import { TABLES } from './tables.js';

export interface Verified {
  readonly state: SnapshotState;
  readonly counts: Counts;
}

/** What reads a backup is given its parts behind their checks. */
export interface BackupReader {
  header(header: Header): Promise<void> | void;
  rows(part: Extract<BackupPart, { kind: 'rows' }>): Promise<void> | void;
}

/**
 * Reads a backup to its end, with every check.
 *
 * @param reader must not make last what it was given before this has resolved
 * @throws BackupUnusableError that names the first thing wrong
 */
export async function readChecked(path: string, onProgress: OnProgress, doing: string, reader: BackupReader): Promise<Verified> {
  const parts = readBackup(path);
  let checks: Checks | undefined;
  let state: Header | undefined;
  let total = 0;
  const check = (run: () => void): void => {
    try {
      run();
    } catch (error) {
      throw error instanceof UnsoundError ? new BackupUnusableError(path, `does not hold together: ${error.message}`, error) : error;
    }
  };
  for (let next = await parts.next(); ; next = await parts.next()) {
    if (next.done) {
      check(() => checks?.end());
      return { state: state!, counts: next.value };
    }
    const part = next.value;
    if (part.kind === 'header') {
      state = part.header;
      checks = createChecks(state.position);
      await reader.header(state);
    } else {
      check(() => checks?.rows(part.table, part.rows));
      await reader.rows(part);
      total += part.rows.length;
      onProgress({ doing: `${doing} ${part.table.name}`, rows: total });
    }
  }
}

/** @throws BackupUnusableError that names the first thing wrong */
export function verifyFile(path: string, onProgress: OnProgress): Promise<Verified> {
  return readChecked(path, onProgress, 'checking', { header: () => undefined, rows: () => undefined });
}

/** @throws UnsoundError that names the first thing wrong */
export async function verifySnapshot(snapshot: Snapshot, onProgress: OnProgress): Promise<Verified> {
  const checks = createChecks(snapshot.state.position);
  const counts: Record<string, number> = {};
  let total = 0;
  for (const table of TABLES) {
    counts[table.name] = 0;
    for await (const rows of snapshot.rows(table)) {
      checks.rows(table, rows);
      counts[table.name]! += rows.length;
      total += rows.length;
      onProgress({ doing: `checking ${table.name}`, rows: total });
    }
  }
  checks.end();
  return { state: snapshot.state, counts };
}
