/** The store of a browser: outbox and cursors in IndexedDB, shared by all tabs (SND7, SND8). */
import { TalariaError } from '../errors.js';
import type { Answered, OutboxCommand } from '../outbox/entry.js';
import type { SharedOutbox, SharedStore, Store, StoreChange, StoreTable } from '../store/port.js';
import { answerOf, Database } from './database.js';
import { Parts, storedTerm } from './parts.js';
import { TabChannel, type Refused } from './tab-channel.js';

/** For `indexedDbStore`. */
export interface IndexedDbStoreOptions {
  /** Whether the browser is asked to keep the data also when room gets scarce. Firefox asks the user. Default true. */
  readonly persist?: boolean;
}

/**
 * Keeps the outbox and the cursors in the browser: they outlive the page, the browser and a crash (SND7). All tabs that use the same
 * name share them: one sends what any of them has queued, and another takes its place when it is closed or frozen (SND8).
 *
 * What cannot be opened is told by the client: its first write fails with `store_failed`.
 *
 * @param name one for each user of an app, such as `chat u_…`: a store belongs to one user
 */
export function indexedDbStore(name: string, options: IndexedDbStoreOptions = {}): Store {
  return new IndexedDbStore(name, options.persist ?? true);
}

const TABLES: readonly StoreTable[] = ['outbox', 'cursors', 'meta'];
/** What the store keeps for itself. */
const OWN = 'own';
const LAST_ORDER = 'last order';
/** As many as an outbox holds. */
const ANSWERED_MAX = 10_000;
const OUTBOX = 'outbox';
/** As the outbox writes its keys. */
const keyOf = (order: number): string => order.toString().padStart(16, '0');
/** Whose cursor it is stands before the stream. */
const partOf = (cursor: string): string => `consumer ${cursor.slice(0, cursor.lastIndexOf(' '))}`;

interface Row {
  readonly order: number;
  readonly value: string;
}

class IndexedDbStore implements Store, SharedStore {
  private readonly database: Database;
  private readonly channel: TabChannel;
  private readonly parts: Parts;
  private outbox: SharedOutbox | undefined;
  /** Up to here the outbox has been read. */
  private seen = 0;
  /** Commands that were answered in another tab: their rows may still be found for a moment. */
  private readonly answered = new Set<string>();

  constructor(name: string, persist: boolean) {
    this.database = new Database(name, { version: 1, stores: [...TABLES, OWN] });
    this.channel = new TabChannel(name, {
      added: () => void this.read().catch(() => undefined),
      settled: (clientId, answer) => this.settledElsewhere(clientId, answer),
      asked: (part) => this.parts.termOf(part) !== undefined,
      awake: (part) => this.parts.heard(part),
      giveUp: async (clientId) => {
        if (!this.leads) return undefined;
        // It may have been told of it only now.
        await this.read();
        return this.outbox!.abandon(clientId);
      },
    });
    this.parts = new Parts(name, this.database, {
      locks: globalThis.navigator?.locks, now: Date.now,
      after(ms, callback) {
        const timer = setTimeout(callback, ms);
        return () => clearTimeout(timer);
      },
      // A worker has no document, and is nobody's background.
      visible: () => globalThis.document?.visibilityState !== 'hidden',
      ask: (part) => this.channel.ask(part),
    });
    if (persist) void globalThis.navigator?.storage?.persist?.().catch(() => undefined);
  }

  get shared(): SharedStore {
    return this;
  }

  load(table: StoreTable): Promise<readonly (readonly [key: string, value: string])[]> {
    return this.database.run(async (transaction) => {
      const store = transaction.objectStore(table);
      const [keys, values] = await Promise.all([answerOf(store.getAllKeys()), answerOf(store.getAll())]);
      return keys.map((key, at) => [key as string, values[at] as string] as const);
    });
  }

  async write(changes: readonly StoreChange[]): Promise<void> {
    const lost = await this.database.run((transaction) => this.change(transaction, changes));
    if (lost === undefined) return;
    this.parts.lost(lost);
    // The outbox is the leader's to change. What another tab knows of it is true all the same.
    if (lost !== OUTBOX) throw new TalariaError('closed', 'Another tab has gone on with it.');
  }

  async append(value: string): Promise<number> {
    const { order, before } = await this.database.run(async (transaction) => {
      const own = transaction.objectStore(OWN);
      const order = (await answerOf(own.get(LAST_ORDER) as IDBRequest<number | undefined>) ?? 0) + 1;
      own.put(order, LAST_ORDER);
      transaction.objectStore(OUTBOX).put(value, keyOf(order));
      return { order, before: await this.rowsBefore(transaction, order) };
    });
    // SND4: what other tabs have added before stands before it.
    this.take(before);
    this.seen = Math.max(this.seen, order);
    this.channel.added();
    return order;
  }

  join(outbox: SharedOutbox): void {
    this.outbox = outbox;
    void this.parts.stand(OUTBOX, {
      begin: async () => {
        await this.read();
        outbox.lead(true);
      },
      end: () => outbox.lead(false),
    }).catch(() => undefined);
  }

  settled(clientId: string, answer: Answered | TalariaError): void {
    if (this.leads) this.channel.settled(clientId, answer instanceof TalariaError ? refusedOf(answer) : answer);
  }

  async giveUp(clientId: string): Promise<boolean> {
    return this.leads || this.channel.giveUp(clientId);
  }

  stand(part: string, begin: () => Promise<void>, end: () => void): Promise<() => void> {
    return this.parts.stand(part, { begin, end });
  }

  async close(): Promise<void> {
    this.parts.close();
    this.channel.close();
    await this.database.close();
  }

  private get leads(): boolean {
    return this.parts.termOf(OUTBOX) !== undefined;
  }

  /** @returns the part that this tab writes for and does not have: then nothing is written */
  private async change(transaction: IDBTransaction, changes: readonly StoreChange[]): Promise<string | undefined> {
    const parts = new Set(changes.flatMap(({ table, key }) => (table === 'meta' ? [] : [table === OUTBOX ? OUTBOX : partOf(key)])));
    for (const part of parts) if (this.parts.stands(part) && await storedTerm(transaction, part) !== this.parts.termOf(part)) return part;
    for (const { table, key, value } of changes) {
      if (value === null) transaction.objectStore(table).delete(key);
      else transaction.objectStore(table).put(value, key);
    }
    return undefined;
  }

  private settledElsewhere(clientId: string, answer: Answered | TalariaError): void {
    this.answered.add(clientId);
    if (this.answered.size > ANSWERED_MAX) this.answered.delete(this.answered.keys().next().value!);
    this.outbox?.settle(clientId, answer);
  }

  /** Reads what other tabs have added. */
  private async read(): Promise<void> {
    this.take(await this.database.run((transaction) => this.rowsBefore(transaction, Number.MAX_SAFE_INTEGER)));
  }

  private async rowsBefore(transaction: IDBTransaction, order: number): Promise<readonly Row[]> {
    if (order <= this.seen + 1) return [];
    const range = IDBKeyRange.bound(keyOf(this.seen), keyOf(order), true, true);
    const store = transaction.objectStore(OUTBOX);
    const [keys, values] = await Promise.all([answerOf(store.getAllKeys(range)), answerOf(store.getAll(range))]);
    return keys.map((key, at) => ({ order: Number(key), value: values[at] as string }));
  }

  private take(rows: readonly Row[]): void {
    for (const { order, value } of rows) {
      if (order <= this.seen) continue;
      this.seen = order;
      const { clientId } = JSON.parse(value) as OutboxCommand;
      if (!this.answered.has(clientId)) this.outbox?.adopt(order, value);
    }
  }
}

const refusedOf = ({ code, message, remediation }: TalariaError): Refused => ({ code, message, remediation });
