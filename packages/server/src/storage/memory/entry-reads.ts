import type { EntryReads } from '../entries.js';
import type { EntryRow } from '../rows.js';
import { byText } from './sorted.js';
import { entryKey, keyOf, type MemoryTables } from './tables.js';

export function createEntryReads(tables: MemoryTables): EntryReads {
  const of = (app: string, stream: string, wanted: (row: EntryRow) => boolean): EntryRow[] => [...tables.entries.get(keyOf(app, stream))?.values() ?? []].filter(wanted);
  const byKey = (left: EntryRow, right: EntryRow): number => byText(left.key, right.key);
  return {
    entry: (place) => tables.entries.get(keyOf(place.app, place.stream))?.get(entryKey(place)),
    entriesOfKey: (app, stream, type, key, fromSeq, toSeq, limit) =>
      of(app, stream, (row) => row.type === type && row.key === key && row.targetSeq >= fromSeq && row.targetSeq <= toSeq)
        .sort((left, right) => left.targetSeq - right.targetSeq).slice(0, limit),
    lastEntriesOfKey: (app, stream, type, key, fromSeq, toSeq, limit) =>
      of(app, stream, (row) => row.type === type && row.key === key && row.targetSeq >= fromSeq && row.targetSeq <= toSeq)
        .sort((left, right) => right.targetSeq - left.targetSeq).slice(0, limit),
    entriesOfType: (app, stream, type, afterKey, limit) =>
      of(app, stream, (row) => row.type === type && row.targetSeq === 0 && (afterKey === null || row.key > afterKey)).sort(byKey).slice(0, limit),
    entriesAbout: (app, stream, targetSeq, type, afterKey, limit) =>
      of(app, stream, (row) => row.type === type && row.targetSeq === targetSeq && (afterKey === null || row.key > afterKey)).sort(byKey).slice(0, limit),
    countEntries: (app, stream, type, keys, aboveSeq, cap) => Math.min(of(app, stream, (row) => row.type === type && keys.includes(row.key) && row.targetSeq > aboveSeq).length, cap),
  };
}
