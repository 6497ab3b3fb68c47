import { entryRow } from '../columns.js';
import type { EntryReads } from '../entries.js';
import type { IdCodec } from './ids.js';
import type { Lookups } from './lookups.js';
import { QUESTIONS } from './questions.js';

/** Entries, as the rules ask for them. */
export function createEntryReads(lookups: Lookups, ids: IdCodec): EntryReads {
  const place = (app: string, stream: string): [string, string] => [ids.uuid(app), ids.uuid(stream)];
  return {
    entry: ({ app, stream, type, key, targetSeq }) =>
      lookups.ask(QUESTIONS.entry, [...place(app, stream), type, key, targetSeq], ([row]) => row && entryRow(app, stream, row)),
    entriesOfKey: (app, stream, type, key, fromSeq, toSeq, limit) =>
      lookups.ask(QUESTIONS.entriesOfKey, [...place(app, stream), type, key, fromSeq, toSeq, limit], (rows) => rows.map((row) => entryRow(app, stream, row))),
    lastEntriesOfKey: (app, stream, type, key, fromSeq, toSeq, limit) =>
      lookups.ask(QUESTIONS.lastEntriesOfKey, [...place(app, stream), type, key, fromSeq, toSeq, limit], (rows) => rows.map((row) => entryRow(app, stream, row))),
    // No entry that is listed by key has an empty one, so that the empty text stands before all of them.
    entriesOfType: (app, stream, type, afterKey, limit) =>
      lookups.ask(QUESTIONS.entriesOfType, [...place(app, stream), type, afterKey ?? '', limit], (rows) => rows.map((row) => entryRow(app, stream, row))),
    entriesAbout: (app, stream, targetSeq, type, afterKey, limit) =>
      lookups.ask(QUESTIONS.entriesAbout, [...place(app, stream), targetSeq, type, afterKey ?? '', limit], (rows) => rows.map((row) => entryRow(app, stream, row))),
    countEntries: (app, stream, type, keys, aboveSeq, cap) =>
      lookups.ask(QUESTIONS.countEntries, [...place(app, stream), type, ...keys, aboveSeq, cap], ([row]) => row?.count ?? 0),
  };
}
