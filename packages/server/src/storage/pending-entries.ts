import { KEPT_WITHOUT_MESSAGE, type EntryLookups, type EntryPlace } from './entries.js';
import type { EntryType } from './entry-types.js';
import type { EntryRow } from './rows.js';

const nameOf = ({ app, stream, type, key, targetSeq }: EntryPlace): string => `${app}|${stream}|${type}|${targetSeq}|${key}`;
const NO_END = Number.MAX_SAFE_INTEGER;

/** Entries as a unit of work leaves them: those of the database, with what has been put and removed since. */
export class PendingEntries {
  /** By name; undefined for one that is to be removed. */
  private readonly pending = new Map<string, { readonly place: EntryPlace; row: EntryRow | undefined }>();
  /** Messages whose entries all go. */
  private readonly goneTargets = new Set<string>();

  constructor(private readonly loader: EntryLookups) {}

  /** To be written. */
  *puts(): Generator<EntryRow> {
    for (const { row } of this.pending.values()) if (row) yield row;
  }

  /** To be removed. */
  *removals(): Generator<EntryPlace> {
    for (const { place, row } of this.pending.values()) if (!row) yield place;
  }

  get empty(): boolean {
    return this.pending.size === 0;
  }

  entry(place: EntryPlace): EntryRow | undefined {
    const known = this.pending.get(nameOf(place));
    if (known) return known.row;
    return this.isGone(place) ? undefined : this.loader.entry(place);
  }

  put(row: EntryRow): void {
    this.pending.set(nameOf(row), { place: row, row });
  }

  remove({ app, stream, type, key, targetSeq }: EntryPlace): void {
    const place = { app, stream, type, key, targetSeq };
    this.pending.set(nameOf(place), { place, row: undefined });
  }

  /** VIS4: everything about a message goes with it. */
  removeAbout(app: string, stream: string, targetSeq: number): void {
    this.goneTargets.add(`${app}|${stream}|${targetSeq}`);
    for (const one of this.pending.values()) {
      if (one.place.app === app && one.place.stream === stream && one.place.targetSeq === targetSeq && one.place.type !== KEPT_WITHOUT_MESSAGE) one.row = undefined;
    }
  }

  ofKey(app: string, stream: string, type: EntryType, key: string, limit: number, fromSeq = 1, toSeq = NO_END): readonly EntryRow[] {
    const mine = [...this.pending.values()].filter(({ place }) => place.app === app && place.stream === stream && place.type === type && place.key === key && place.targetSeq >= fromSeq && place.targetSeq <= toSeq);
    // What is gone since may stand among those that are read.
    const stored = this.loader.entriesOfKey(app, stream, type, key, fromSeq, toSeq, limit + mine.length + this.goneTargets.size);
    return this.merge(stored, mine).sort((left, right) => left.targetSeq - right.targetSeq).slice(0, limit);
  }

  ofType(app: string, stream: string, type: EntryType, limit: number): readonly EntryRow[] {
    const mine = [...this.pending.values()].filter(({ place }) => place.app === app && place.stream === stream && place.type === type && place.targetSeq === 0);
    const stored = this.loader.entriesOfType(app, stream, type, null, limit + mine.length);
    return this.merge(stored, mine).sort((left, right) => (left.key < right.key ? -1 : 1)).slice(0, limit);
  }

  private merge(stored: readonly EntryRow[], pending: readonly { readonly row: EntryRow | undefined }[]): EntryRow[] {
    const kept = stored.filter((row) => !this.pending.has(nameOf(row)) && !this.isGone(row));
    return [...kept, ...pending.flatMap(({ row }) => row ?? [])];
  }

  private isGone({ app, stream, type, targetSeq }: EntryPlace): boolean {
    return targetSeq > 0 && type !== KEPT_WITHOUT_MESSAGE && this.goneTargets.has(`${app}|${stream}|${targetSeq}`);
  }
}
