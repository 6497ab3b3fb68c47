import type { Database } from 'better-sqlite3';
import { ENTRY_COLUMNS, entryRow, type EntryColumns } from '../columns.js';
import type { EntryReads } from '../entries.js';
import { AT_MOST } from './at-most.js';
import type { IdCodec } from './ids.js';

type Place = [app: Buffer, stream: Buffer];

export function createEntryReads(db: Database, ids: IdCodec): EntryReads {
  const select = `SELECT ${ENTRY_COLUMNS.join(', ')} FROM entries`;
  const here = 'app_id = ? AND stream_id = ?';
  const one = db.prepare<[...Place, string, string, number], EntryColumns>(`${select} WHERE ${here} AND type = ? AND key = ? AND target_seq = ?`);
  const ofKey = db.prepare<[...Place, string, string, number, number, number], EntryColumns>(
    `${select} WHERE ${here} AND type = ? AND key = ? AND target_seq BETWEEN ? AND ? ORDER BY target_seq ${AT_MOST}`,
  );
  const lastOfKey = db.prepare<[...Place, string, string, number, number, number], EntryColumns>(
    `${select} WHERE ${here} AND type = ? AND key = ? AND target_seq BETWEEN ? AND ? ORDER BY target_seq DESC ${AT_MOST}`,
  );
  const ofType = db.prepare<[...Place, string, string, number], EntryColumns>(`${select} WHERE ${here} AND type = ? AND key > ? AND target_seq = 0 ORDER BY key ${AT_MOST}`);
  // A bare parameter beside the condition of a partial index is planned for each time it is bound, as in LIMIT.
  const about = db.prepare<[...Place, number, string, string, number], EntryColumns>(
    `${select} INDEXED BY entries_target WHERE ${here} AND target_seq = ? + 0 AND target_seq > 0 AND type = ? AND key > ? ORDER BY key ${AT_MOST}`,
  );
  const count = db.prepare<[...Place, string, string, string, number, number], { count: number }>(
    `SELECT count(*) AS count FROM (SELECT 1 FROM entries WHERE ${here} AND type = ? AND key IN (?, ?) AND target_seq > ? + 0 ${AT_MOST})`,
  );
  const at = (app: string, stream: string): Place => [ids.bytes(app), ids.bytes(stream)];
  return {
    entry({ app, stream, type, key, targetSeq }) {
      const row = one.get(...at(app, stream), type, key, targetSeq);
      return row && entryRow(app, stream, row);
    },
    entriesOfKey: (app, stream, type, key, fromSeq, toSeq, limit) => ofKey.all(...at(app, stream), type, key, fromSeq, toSeq, limit).map((row) => entryRow(app, stream, row)),
    lastEntriesOfKey: (app, stream, type, key, fromSeq, toSeq, limit) => lastOfKey.all(...at(app, stream), type, key, fromSeq, toSeq, limit).map((row) => entryRow(app, stream, row)),
    // No entry that is listed by key has an empty one, so that the empty text stands before all of them.
    entriesOfType: (app, stream, type, afterKey, limit) => ofType.all(...at(app, stream), type, afterKey ?? '', limit).map((row) => entryRow(app, stream, row)),
    entriesAbout: (app, stream, targetSeq, type, afterKey, limit) => about.all(...at(app, stream), targetSeq, type, afterKey ?? '', limit).map((row) => entryRow(app, stream, row)),
    countEntries: (app, stream, type, [one, other], aboveSeq, cap) => count.get(...at(app, stream), type, one, other, aboveSeq, cap)?.count ?? 0,
  };
}
