import type { BatchEntry } from '../group-commit.js';
import { PLACES } from './positions.js';
import { streamsOf, type EntryStreams, type StreamPlace } from './work-loader.js';

/** A batch with what is known of it before. */
export interface Batch {
  readonly entries: readonly BatchEntry[];
  readonly streams: ReadonlyMap<BatchEntry, EntryStreams>;
  /** Conversations to which it does something else than send. */
  readonly mixed: ReadonlySet<string>;
}

export const keyOf = ({ app, stream }: StreamPlace): string => `${app}/${stream}`;

/** A transaction has so many places for facts. */
export function withinPlaces(entries: readonly BatchEntry[]): readonly Batch[] {
  const parts: Batch[] = [];
  let streams = new Map<BatchEntry, EntryStreams>();
  let places = 0;
  const close = (): void => {
    if (streams.size === 0) return;
    const part = [...streams.keys()];
    parts.push({ entries: part, streams, mixed: new Set(part.flatMap(othersOf)) });
    streams = new Map();
    places = 0;
  };
  for (const entry of entries) {
    const own = streamsOf(entry);
    // A member that is added makes two facts.
    const most = 1 + own.known.length + own.users.length * 2;
    if (places + most >= PLACES) close();
    streams.set(entry, own);
    places += most;
  }
  close();
  return parts;
}

/** Of entries that have room in one transaction. */
export const batchOf = (entries: readonly BatchEntry[]): Batch => withinPlaces(entries)[0]!;

function othersOf(entry: BatchEntry): readonly string[] {
  if (entry.kind === 'mark') return [entry.update.conversation];
  const { command } = entry;
  if (command.kind === 'block.set') return command.direct === null ? [] : [command.direct];
  return command.kind === 'message.send' || !('conversation' in command) ? [] : [command.conversation];
}
