/**
 * Where the outbox and the cursors are kept. A store belongs to one user of one app on one device.
 *
 * - `write` is atomic, and resolves when what it wrote survives the end of the process (SND7).
 * - Writes are applied in the order of the calls.
 * - Values are texts of at most 128 KiB in UTF-8: the largest is a command of the outbox, with its text, its data and the escapes
 *   of both; the outbox takes none that is larger.
 */
export type StoreTable = 'outbox' | 'cursors' | 'meta';

export interface StoreChange {
  readonly table: StoreTable;
  readonly key: string;
  /** null deletes. */
  readonly value: string | null;
}

export interface Store {
  /** Everything of a table, ascending by key. */
  load(table: StoreTable): Promise<readonly (readonly [key: string, value: string])[]>;
  write(changes: readonly StoreChange[]): Promise<void>;
  close(): Promise<void>;
}
