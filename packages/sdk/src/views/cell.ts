/** What a screen shows: something to read, and to be told of. */

/** A part of what an app shows, kept up by facts. */
export interface View<T> {
  /** As it is now. Never changed: what is as it was is the same object as before. */
  get(): T;
  /** Told when `get` gives something else, once for all that happens in one turn. @returns how to stop */
  subscribe(listener: () => void): () => void;
  /** It is kept up no more. */
  close(): void;
  [Symbol.dispose](): void;
}

export class Cell<T> {
  private readonly listeners = new Set<() => void>();
  private dirty = true;
  private queued = false;
  private value: T | undefined;
  /** What the listeners have been told of. */
  private told: T | undefined;

  /** @param read makes it anew from what was there before */
  constructor(private readonly read: (before: T | undefined) => T) {}

  readonly get = (): T => {
    if (this.dirty) this.value = this.read(this.value);
    this.dirty = false;
    return this.value as T;
  };

  readonly subscribe = (listener: () => void): (() => void) => {
    if (this.listeners.size === 0) this.told = this.get();
    // One's own, so that the same function may listen twice.
    const own = (): void => listener();
    this.listeners.add(own);
    return () => void this.listeners.delete(own);
  };

  /** Something that it is made of has changed. */
  changed(): void {
    this.dirty = true;
    if (this.queued || this.listeners.size === 0) return;
    this.queued = true;
    queueMicrotask(() => {
      this.queued = false;
      const value = this.get();
      if (value === this.told) return;
      this.told = value;
      for (const listener of this.listeners) listener();
    });
  }
}

/** A view of what somebody else keeps. */
export class EventView<T> implements View<T> {
  readonly get: () => T;
  readonly subscribe: View<T>['subscribe'];
  private readonly stops: (() => void)[];

  /** @param observe calls back when `read` gives something else; its results end that, one after the other */
  constructor(read: (before: T | undefined) => T, observe: (changed: () => void) => (() => void)[]) {
    const cell = new Cell(read);
    ({ get: this.get, subscribe: this.subscribe } = cell);
    this.stops = observe(() => cell.changed());
  }

  close(): void {
    for (const stop of this.stops.splice(0)) stop();
  }

  [Symbol.dispose](): void {
    this.close();
  }
}

/** The list before, where nothing in it is another. */
export function sameList<T>(before: readonly T[] | undefined, now: readonly T[]): readonly T[] {
  return before?.length === now.length && now.every((one, at) => one === before[at]) ? before : now;
}

/** The object before, where none of its fields is another. */
export function sameFields<T extends object>(before: T | undefined, now: T): T {
  if (!before) return now;
  const fields = new Map<string, unknown>(Object.entries(before));
  return Object.entries(now).every(([name, value]) => fields.get(name) === value) ? before : now;
}

/** The map before, where nothing in it is another. */
export function sameMap<K, V>(before: ReadonlyMap<K, V> | undefined, now: ReadonlyMap<K, V>): ReadonlyMap<K, V> {
  return before?.size === now.size && [...now].every(([key, value]) => before.get(key) === value) ? before : now;
}
