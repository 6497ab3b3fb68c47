/** The durable mode of ORD2: what a handler writes and the cursor behind its fact are one transaction of the app's own database. */
import type { Client } from '../client.js';
import type { ConsumerOptions, CursorStore, StepHandler } from '../consume/consumer.js';
import type { Consumption } from '../consume/consumption.js';
import { TalariaError } from '../errors.js';
import type { StoreChange } from '../store/port.js';
import type { Fact } from '../streams/fact.js';
import { answerOf, endOf } from './database.js';

const CURSORS = 'talaria_cursors';

/** Puts what a fact says into the app's own stores. It may wait for requests of this transaction, and for nothing else. */
export type TransactionHandler = (transaction: IDBTransaction, fact: Fact) => void | Promise<void>;

export interface ConsumeInto extends ConsumerOptions {
  /** The app's own, in which `addCursors` was called. */
  readonly database: IDBDatabase;
  /** Object stores that the handler reads and writes. */
  readonly stores: readonly string[];
}

/** Makes room for cursors in the app's own database. Call it in `onupgradeneeded`, in the version that begins to consume. */
export function addCursors(database: IDBDatabase): void {
  if (!database.objectStoreNames.contains(CURSORS)) database.createObjectStore(CURSORS);
}

/**
 * As `client.consume`, for state that is kept in IndexedDB: each fact is in it once, wherever the page dies (ORD2). A fact whose
 * transaction was not committed comes again; one whose transaction was, never does. Of several tabs one runs it at a time; give the
 * client an `indexedDbStore`, by which they agree.
 *
 * @param name of the consumer, in this client and in this database
 * @param into where the handler writes
 * @returns a running consumer
 * @throws TalariaError already_exists, closed, store_failed; invalid_argument when the database has no room for cursors
 */
export function consumeInto(client: Client, name: string, { database, stores, ...options }: ConsumeInto, handler: TransactionHandler): Promise<Consumption> {
  if (!database.objectStoreNames.contains(CURSORS)) {
    return Promise.reject(new TalariaError('invalid_argument', `The database ${database.name} has no room for cursors.`, { remediation: 'Call addCursors(database) in onupgradeneeded, with a higher version.' }));
  }
  const state = new CursorsOf(name, database, stores);
  const step: StepHandler = (fact, cursor) => state.apply(cursor, (transaction) => handler(transaction, fact));
  return client['core'].consume(name, step, options, state);
}

class CursorsOf implements CursorStore {
  /** Grows each time that a tab begins: one that was frozen meanwhile writes nothing any more. */
  private term = 0;

  constructor(private readonly name: string, private readonly database: IDBDatabase, private readonly stores: readonly string[]) {}

  async load(): Promise<readonly (readonly [key: string, value: string])[]> {
    const transaction = this.begin([]);
    const ended = endOf(transaction);
    const cursors = transaction.objectStore(CURSORS);
    this.term = await this.storedTerm(cursors) + 1;
    cursors.put(this.term, this.termKey);
    const [keys, values] = await Promise.all([answerOf(cursors.getAllKeys()), answerOf(cursors.getAll())]);
    await ended;
    return keys.flatMap((key, at) => (Array.isArray(key) ? [] : [[key as string, values[at] as string] as const]));
  }

  write(changes: readonly StoreChange[]): Promise<void> {
    return this.commit([], changes, () => undefined);
  }

  apply(cursor: StoreChange, handler: (transaction: IDBTransaction) => void | Promise<void>): Promise<void> {
    return this.commit(this.stores, [cursor], handler);
  }

  private async commit(stores: readonly string[], changes: readonly StoreChange[], work: (transaction: IDBTransaction) => void | Promise<void>): Promise<void> {
    const transaction = this.begin(stores);
    const ended = endOf(transaction);
    try {
      const cursors = transaction.objectStore(CURSORS);
      if (await this.storedTerm(cursors) !== this.term) throw new TalariaError('closed', `Another tab has gone on with ${this.name}.`);
      await work(transaction);
      for (const { key, value } of changes) {
        if (value === null) cursors.delete(key);
        else cursors.put(value, key);
      }
    } catch (error) {
      throw this.giveUp(transaction, error);
    }
    await ended;
  }

  /** @returns what is to be said of it */
  private giveUp(transaction: IDBTransaction, error: unknown): unknown {
    try {
      transaction.abort();
      return error;
    } catch {
      if (!(error instanceof DOMException) || error.name !== 'TransactionInactiveError') return error;
      return new TalariaError('callback_failed', `The handler of ${this.name} waited for something that is not of its transaction, which ended meanwhile.`, {
        cause: error, remediation: 'Wait for requests of the transaction only. Do the rest before, or elsewhere.',
      });
    }
  }

  private begin(stores: readonly string[]): IDBTransaction {
    return this.database.transaction([...stores, CURSORS], 'readwrite', { durability: 'strict' });
  }

  /** No consumer's name is a list, so that none is taken for a cursor. */
  private get termKey(): [string] {
    return [this.name];
  }

  private async storedTerm(cursors: IDBObjectStore): Promise<number> {
    return await answerOf(cursors.get(this.termKey) as IDBRequest<number | undefined>) ?? 0;
  }
}
