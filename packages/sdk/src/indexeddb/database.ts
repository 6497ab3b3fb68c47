/** One IndexedDB database: opened once, opened again when the browser has closed it, and written in groups. */
import { TalariaError } from '../errors.js';

/** What happens inside a transaction. It may wait for requests of that transaction, and for nothing else. */
export type Work<T> = (transaction: IDBTransaction) => T | Promise<T>;

interface Waiting {
  readonly run: () => Promise<void>;
  readonly done: (error: TalariaError | undefined) => void;
}

/** One transaction does so much at most: what comes meanwhile shares the next. */
const GROUP_MAX = 500;
/** Work that waits; more is refused (FLW3). */
const WAITING_MAX = 20_000;

export interface Schema {
  readonly version: number;
  /** Object stores, all with keys of their own. */
  readonly stores: readonly string[];
}

export class Database {
  private opened: Promise<IDBDatabase> | undefined;
  private current: IDBTransaction | undefined;
  private waiting: Waiting[] = [];
  private draining: Promise<void> | undefined;
  private closed = false;

  constructor(private readonly name: string, private readonly schema: Schema) {}

  /**
   * Runs when everything that was asked for before is done, in a transaction that may hold others' work too. What the work throws
   * is its own failure; a request that fails is that of the whole transaction.
   *
   * @returns what the work gives, when it is on disk
   * @throws TalariaError store_failed, overloaded, closed; or what the work throws
   */
  run<T>(work: Work<T>): Promise<T> {
    if (this.closed) return Promise.reject(new TalariaError('closed', 'The store was closed.'));
    if (this.waiting.length >= WAITING_MAX) {
      return Promise.reject(new TalariaError('overloaded', `More than ${WAITING_MAX} writes wait for the disk.`, { retryable: true, remediation: 'Wait until earlier writes are done.' }));
    }
    return new Promise<T>((resolve, reject) => {
      let outcome: () => void = () => undefined;
      this.waiting.push({
        run: async () => {
          try {
            const value = await work(this.current!);
            outcome = () => resolve(value);
          } catch (cause) {
            const error = cause instanceof Error ? cause : new Error(String(cause));
            outcome = () => reject(error);
          }
        },
        done: (error) => (error ? reject(error) : outcome()),
      });
      this.draining ??= this.drain();
    });
  }

  /** Waits for what was asked for before. */
  async close(): Promise<void> {
    this.closed = true;
    while (this.draining) await this.draining;
    const database = await this.opened?.catch(() => undefined);
    database?.close();
  }

  private async drain(): Promise<void> {
    try {
      while (this.waiting.length > 0) {
        const group = this.waiting.splice(0, GROUP_MAX);
        const error = await this.commit(group);
        for (const { done } of group) done(error);
      }
    } finally {
      // In the same moment in which the loop ended: what is asked for after this begins another one.
      this.draining = undefined;
    }
  }

  private async commit(group: readonly Waiting[]): Promise<TalariaError | undefined> {
    try {
      const transaction = await this.begin();
      const ended = endOf(transaction);
      this.current = transaction;
      for (const { run } of group) await run();
      await ended;
      return undefined;
    } catch (cause) {
      return asFailure(this.name, cause);
    } finally {
      this.current = undefined;
    }
  }

  private async begin(): Promise<IDBTransaction> {
    const begin = async (): Promise<IDBTransaction> => {
      this.opened ??= this.open();
      // SND7: what is said to be written survives a power cut, as far as the browser can tell.
      return (await this.opened).transaction([...this.schema.stores], 'readwrite', { durability: 'strict' });
    };
    try {
      return await begin();
    } catch (error) {
      this.opened = undefined;
      // Some browsers close databases of pages that sleep, and say so only at the next use.
      if (error instanceof DOMException && error.name === 'InvalidStateError') return begin();
      throw error;
    }
  }

  private open(): Promise<IDBDatabase> {
    return new Promise((resolve, reject) => {
      const request = indexedDB.open(this.name, this.schema.version);
      request.onupgradeneeded = () => {
        for (const store of this.schema.stores) if (!request.result.objectStoreNames.contains(store)) request.result.createObjectStore(store);
      };
      request.onsuccess = () => {
        const database = request.result;
        // Another version of the page wants to change it, or the user has cleared it.
        database.onversionchange = () => database.close();
        database.onclose = () => {
          this.opened = undefined;
        };
        resolve(database);
      };
      request.onerror = () => reject(request.error ?? new Error('it could not be opened'));
    });
  }
}

/** @throws what the request says */
export function answerOf<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error ?? new Error('the request failed'));
  });
}

/** Resolves when a transaction is on disk. @throws what ended it */
export function endOf(transaction: IDBTransaction): Promise<void> {
  const ended = new Promise<void>((resolve, reject) => {
    transaction.oncomplete = () => resolve();
    transaction.onabort = () => reject(transaction.error ?? new Error('the transaction was given up'));
  });
  ended.catch(() => undefined);
  return ended;
}

function asFailure(name: string, cause: unknown): TalariaError {
  if (cause instanceof TalariaError) return cause;
  const { name: kind, message } = cause as Error;
  switch (kind) {
    case 'QuotaExceededError': return new TalariaError('store_failed', `There is no room left for the database ${name}.`, { cause, remediation: 'Free some of the storage of this site.' });
    case 'VersionError': return new TalariaError('store_failed', `The database ${name} is of a newer version of the SDK.`, { cause, remediation: 'Load the page again, or update the SDK.' });
    default: return new TalariaError('store_failed', `The database ${name} could not be used: ${message}.`, { cause, remediation: 'Load the page again. Check that the browser lets this site keep data.' });
  }
}
