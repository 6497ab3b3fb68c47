/** Writes down when users were last connected: many at once, and later than it happened. What is lost here is made good by the next one. */
import { UserTable } from '../domain/presence/user-table.js';
import { errorFields, type Log } from '../runtime/log.js';
import type { SeenRow, Storage } from '../storage/port.js';

/** Users in one statement. */
export const ROWS_MAX = 500;
/** Users that wait to be written; of more nothing is kept. */
export const WAITING_MAX = 100_000;

export interface LastSeen {
  note(app: string, user: string, seenMs: number): void;
  /** Writes what waits. One at a time; never rejects, and keeps what could not be written. */
  flush(): Promise<void>;
}

export function createLastSeen(storage: Pick<Storage, 'addSeen'>, log: Log): LastSeen {
  const waiting = new UserTable<number>();
  let writing: Promise<void> | undefined;

  function note(app: string, user: string, seenMs: number): void {
    const known = waiting.get(app, user);
    if (known === undefined && waiting.size >= WAITING_MAX) return;
    waiting.set(app, user, Math.max(known ?? 0, seenMs));
  }

  function take(): readonly SeenRow[] {
    const rows: SeenRow[] = [];
    for (const [app, user, seenMs] of waiting.entries()) {
      rows.push({ app, user, seenMs });
      if (rows.length === ROWS_MAX) break;
    }
    for (const { app, user } of rows) waiting.delete(app, user);
    return rows;
  }

  async function writeAll(): Promise<void> {
    while (waiting.size > 0) {
      const rows = take();
      try {
        await storage.addSeen(rows);
      } catch (error) {
        for (const { app, user, seenMs } of rows) note(app, user, seenMs);
        log.debug('last_seen.not_written', errorFields(error));
        return;
      }
    }
  }

  return {
    note,
    flush() {
      writing ??= writeAll().finally(() => {
        writing = undefined;
      });
      return writing;
    },
  };
}
