/**
 * Who of the tabs of a browser does a part that only one does at a time (SND8). The one who has it holds a lock of the browser, or a
 * lease in the database where there are no locks. Each time a part changes hands its term grows: what is written for it says under
 * which term, so that a tab that was frozen and does not know yet that it has lost the part changes nothing any more.
 */
import { answerOf, type Database } from './database.js';

export interface Seat {
  begin(): Promise<void>;
  end(): void;
}

/** What parts need of their surroundings. */
export interface PartsSurroundings {
  /** Undefined where there are none. */
  readonly locks: LockManager | undefined;
  now(): number;
  /** Calls back after `ms`; the result cancels it. */
  after(ms: number, callback: () => void): () => void;
  /** Whether this tab is one that the user sees: only such a one takes a part away. */
  visible(): boolean;
  /** Asks whoever has a part to say so. */
  ask(part: string): void;
}

/** A visible tab takes a part from one that has not answered for so long. */
export const SILENT_MS = 5_000;
const ASK_MS = 1_000;
const TERMS = 'own';

interface Lease {
  readonly term: number;
  readonly untilMs: number;
}

const termKey = (part: string): string => `term ${part}`;
const leaseKey = (part: string): string => `lease ${part}`;

interface Standing {
  readonly seat: Seat;
  /** The term under which this tab has it. */
  term: number | undefined;
  left: boolean;
  /** Ends holding the lock, or waiting for it. */
  release: () => void;
  cancel: () => void;
  /** Since when the one who has it has not answered. */
  silentSinceMs: number | undefined;
}

export class Parts {
  private readonly standings = new Map<string, Standing>();

  constructor(private readonly name: string, private readonly database: Database, private readonly around: PartsSurroundings) {}

  /** The term under which this tab has a part; undefined when another one has it. */
  termOf(part: string): number | undefined {
    return this.standings.get(part)?.term;
  }

  stands(part: string): boolean {
    return this.standings.has(part);
  }

  /** Resolves when it is known whether this tab has the part, and `begin` has run if so. @returns how to leave it */
  async stand(part: string, seat: Seat): Promise<() => void> {
    const standing: Standing = { seat, term: undefined, left: false, release: () => undefined, cancel: () => undefined, silentSinceMs: undefined };
    this.standings.set(part, standing);
    const leave = (): void => this.leave(part, standing);
    try {
      const has = await this.tryOnce(part, standing);
      if (!has) this.waitFor(part, standing);
      // A lease is held on.
      else if (!this.around.locks) this.watch(part, standing);
    } catch (error) {
      leave();
      throw error;
    }
    return leave;
  }

  /** Somebody else has a part and is awake. */
  heard(part: string): void {
    const standing = this.standings.get(part);
    if (standing) standing.silentSinceMs = undefined;
  }

  /** This tab's part has gone to another one: a write has seen a newer term. */
  lost(part: string): void {
    const standing = this.standings.get(part);
    if (!standing || standing.term === undefined) return;
    this.end(standing);
    if (!standing.left) this.waitFor(part, standing);
  }

  close(): void {
    for (const [part, standing] of this.standings) this.leave(part, standing);
  }

  private leave(part: string, standing: Standing): void {
    if (standing.left) return;
    standing.left = true;
    if (!this.around.locks && standing.term !== undefined) void this.endLease(part, standing.term).catch(() => undefined);
    standing.term = undefined;
    standing.cancel();
    standing.release();
    if (this.standings.get(part) === standing) this.standings.delete(part);
  }

  /** @returns whether this tab has it now */
  private async tryOnce(part: string, standing: Standing): Promise<boolean> {
    if (!this.around.locks) {
      const has = await this.lease(part, standing);
      if (has) await standing.seat.begin();
      return has;
    }
    return new Promise<boolean>((resolve, reject) => {
      this.hold(part, standing, { ifAvailable: true }, resolve).catch(reject);
    });
  }

  /** Waits for the lock in line, or looks again and again whether the lease has ended. */
  private waitFor(part: string, standing: Standing): void {
    if (this.around.locks) {
      const giveUp = new AbortController();
      standing.release = () => giveUp.abort();
      this.hold(part, standing, { signal: giveUp.signal }, () => undefined).catch(() => undefined);
    }
    this.watch(part, standing);
  }

  /** Holds the lock until it is left, or stolen by another tab. */
  private async hold(part: string, standing: Standing, options: LockOptions, known: (has: boolean) => void): Promise<void> {
    try {
      await this.around.locks!.request(`talaria ${this.name} ${part}`, options, async (lock) => {
        if (!lock || standing.left) {
          known(false);
          return;
        }
        const held = new Promise<void>((resolve) => {
          standing.release = resolve;
        });
        await this.begin(standing, await this.nextTerm(part));
        known(true);
        await held;
      });
    } catch (error) {
      // Waiting was given up, or another tab has taken the lock away.
      if (!(error instanceof DOMException) || error.name !== 'AbortError') throw error;
      this.lost(part);
    }
  }

  private async begin(standing: Standing, term: number): Promise<void> {
    standing.cancel();
    standing.silentSinceMs = undefined;
    standing.term = term;
    if (!standing.left) await standing.seat.begin();
  }

  private end(standing: Standing): void {
    standing.cancel();
    standing.release();
    standing.term = undefined;
    standing.seat.end();
  }

  /** SND8: while another tab has the part, it is asked whether it is awake; or the lease is looked at. */
  private watch(part: string, standing: Standing): void {
    standing.cancel();
    standing.cancel = this.around.after(ASK_MS, () => {
      if (standing.left) return;
      void this.look(part, standing).catch(() => undefined).finally(() => {
        if (!standing.left && (standing.term === undefined || !this.around.locks)) this.watch(part, standing);
      });
    });
  }

  private async look(part: string, standing: Standing): Promise<void> {
    if (!this.around.locks) {
      const had = standing.term !== undefined;
      const has = await this.lease(part, standing);
      if (has && !had) await standing.seat.begin();
      return;
    }
    if (!this.around.visible()) {
      standing.silentSinceMs = undefined;
      return;
    }
    const nowMs = this.around.now();
    standing.silentSinceMs ??= nowMs;
    if (nowMs - standing.silentSinceMs < SILENT_MS) {
      this.around.ask(part);
      return;
    }
    // Waiting in line ends with the request of whoever takes it.
    standing.release();
    await new Promise<boolean>((resolve, reject) => {
      this.hold(part, standing, { steal: true }, resolve).catch(reject);
    });
  }

  private nextTerm(part: string): Promise<number> {
    return this.database.run(async (transaction) => {
      const own = transaction.objectStore(TERMS);
      const term = (await answerOf(own.get(termKey(part)) as IDBRequest<number | undefined>) ?? 0) + 1;
      own.put(term, termKey(part));
      return term;
    });
  }

  /** Takes the lease when nobody has it, or holds it on. @returns whether this tab has it */
  private async lease(part: string, standing: Standing): Promise<boolean> {
    const { now } = this.around;
    const term = await this.database.run(async (transaction) => {
      const own = transaction.objectStore(TERMS);
      const found = await answerOf(own.get(leaseKey(part)) as IDBRequest<Lease | undefined>);
      const mine = standing.term !== undefined && found?.term === standing.term;
      // A lease that ends later than one can have been given was made under another clock.
      if (!mine && found && found.untilMs > now() && found.untilMs <= now() + SILENT_MS) return undefined;
      const next = mine ? found.term : (await answerOf(own.get(termKey(part)) as IDBRequest<number | undefined>) ?? 0) + 1;
      own.put({ term: next, untilMs: now() + SILENT_MS } satisfies Lease, leaseKey(part));
      own.put(next, termKey(part));
      return next;
    });
    if (standing.left) return false;
    if (term === undefined && standing.term !== undefined) this.end(standing);
    standing.term = term;
    return term !== undefined;
  }

  private endLease(part: string, term: number): Promise<void> {
    return this.database.run(async (transaction) => {
      const own = transaction.objectStore(TERMS);
      const found = await answerOf(own.get(leaseKey(part)) as IDBRequest<Lease | undefined>);
      if (found?.term === term) own.delete(leaseKey(part));
    });
  }
}

/** The term of a part, as a transaction finds it. */
export function storedTerm(transaction: IDBTransaction, part: string): Promise<number | undefined> {
  return answerOf(transaction.objectStore(TERMS).get(termKey(part)) as IDBRequest<number | undefined>);
}
