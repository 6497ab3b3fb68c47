import type { Database } from 'better-sqlite3';
import type { IdCodec } from './ids.js';

const CACHE_MAX = 20_000;

/** A stream's number in this file, which stands for the app and the stream's id together (ISO1). */
export interface StreamNumbers {
  /** 0, which no stream has, when the app has no such stream. */
  of(app: string, stream: string): number;
  /** Forgets what a transaction that was rolled back may have made. */
  forget(): void;
}

/** Remembers the last few thousand: a number is never given twice. */
export function createStreamNumbers(db: Database, ids: IdCodec): StreamNumbers {
  const find = db.prepare<[Buffer, Buffer], { no: number }>('SELECT no FROM streams WHERE app_id = ? AND stream_id = ?');
  const known = new Map<string, { readonly app: string; readonly no: number }>();
  return {
    of(app, stream) {
      const hit = known.get(stream);
      if (hit?.app === app) return hit.no;
      const no = find.get(ids.bytes(app), ids.bytes(stream))?.no;
      if (no === undefined) return 0;
      if (known.size >= CACHE_MAX) known.clear();
      known.set(stream, { app, no });
      return no;
    },
    forget: () => known.clear(),
  };
}
