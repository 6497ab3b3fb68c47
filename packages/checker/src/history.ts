import { clientOf, type ClientHistory } from './clients.js';
import { commandsOf, rowsByCommand, type Command } from './commands.js';
import type { FaultEntry, Recorded } from './entries.js';
import { LOG_FILE, readFiles, type HistoryFile } from './files.js';
import { HistoryError, lineError } from './history-error.js';
import { logRowsOf, streamsOf, type LogRow, type StreamLog } from './streams.js';
import { walksOf, type Walk } from './walks.js';

/** A run, arranged for the rules: what the clients recorded, and the log that it is judged by. */
export interface History {
  readonly clients: readonly ClientHistory[];
  readonly commands: readonly Command[];
  readonly walks: readonly Walk[];
  readonly faults: readonly Recorded<FaultEntry>[];
  /** The app that a body hash belongs to (H8). */
  readonly canaries: ReadonlyMap<string, string>;
  readonly rows: readonly LogRow[];
  readonly streams: ReadonlyMap<string, StreamLog>;
  readonly byCommand: ReadonlyMap<string, readonly LogRow[]>;
}

/** Reads the history in a directory. Throws a HistoryError, whose message is one line. */
export function readHistory(dir: string): History {
  return historyOf(readFiles(dir));
}

/** Arranges the files of a history. Throws a HistoryError where they do not make one. */
export function historyOf(files: readonly HistoryFile[]): History {
  const log = files.find((file) => file.name === LOG_FILE);
  if (log === undefined) throw new HistoryError(`the history has no ${LOG_FILE}`);
  const { rows, floors } = logRowsOf(log);
  const clients = files.filter((file) => file !== log).map(clientOf).filter((client) => client !== undefined);
  return {
    clients,
    commands: commandsOf(clients),
    walks: clients.flatMap(walksOf),
    faults: files.flatMap((file) => file.entries.filter((entry) => entry.k === 'fault')),
    canaries: canariesOf(files),
    rows,
    streams: streamsOf(rows, floors),
    byCommand: rowsByCommand(rows),
  };
}

function canariesOf(files: readonly HistoryFile[]): Map<string, string> {
  const canaries = new Map<string, string>();
  for (const file of files) {
    for (const entry of file.entries) {
      if (entry.k !== 'canary') continue;
      const app = canaries.get(entry.text_hash) ?? entry.app;
      if (app !== entry.app) throw lineError(file.name, entry.line, `the canary belongs to the app ${app} already`);
      canaries.set(entry.text_hash, app);
    }
  }
  return canaries;
}
