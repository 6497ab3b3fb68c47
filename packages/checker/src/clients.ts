import type { ClientEntry, FloorEntry, LogEntry, Recorded } from './entries.js';
import type { HistoryFile } from './files.js';
import { lineError } from './history-error.js';

/** A line of a client's file, other than those that name the client. */
export type ClientLine = Exclude<Recorded, Recorded<ClientEntry> | Recorded<LogEntry> | Recorded<FloorEntry>>;

/** What one client recorded, in its order. */
export interface ClientHistory {
  readonly client: string;
  readonly app: string;
  /** `u_…`, or empty for a backend. */
  readonly user: string;
  readonly lines: readonly ClientLine[];
}

/**
 * The client that a file is of. Undefined for a file that only a harness wrote: it holds nothing but faults and
 * canaries, which name no client. Throws a HistoryError where the lines cannot be one client's.
 */
export function clientOf(file: HistoryFile): ClientHistory | undefined {
  let named: Recorded<ClientEntry> | undefined;
  let at = Number.NEGATIVE_INFINITY;
  const lines: ClientLine[] = [];
  for (const entry of file.entries) {
    if (entry.at < at) throw lineError(file.name, entry.line, 'at goes back: H6 compares it between clients');
    at = entry.at;
    if (entry.k === 'log' || entry.k === 'floor') throw lineError(file.name, entry.line, `${entry.k} belongs in log.ndjson`);
    if (entry.k === 'client') named = sameClient(file.name, entry, named);
    else lines.push(entry);
    if (named === undefined && entry.k !== 'fault' && entry.k !== 'canary') throw lineError(file.name, entry.line, 'the first line must be the client');
  }
  return named === undefined ? undefined : { client: named.client, app: named.app, user: named.user, lines };
}

function sameClient(file: string, entry: Recorded<ClientEntry>, before: Recorded<ClientEntry> | undefined): Recorded<ClientEntry> {
  if (`${entry.client}.ndjson` !== file) throw lineError(file, entry.line, `client ${JSON.stringify(entry.client)} does not belong in this file`);
  if (before !== undefined && (before.app !== entry.app || before.user !== entry.user)) {
    throw lineError(file, entry.line, 'one file is one client of one app and user');
  }
  return entry;
}
