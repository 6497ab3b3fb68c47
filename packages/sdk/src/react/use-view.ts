import { useCallback, useMemo, useSyncExternalStore } from 'react';
import { TalariaError } from '../errors.js';
import type { View, Views } from '../views/index.js';
import { usePlace } from './provider.js';

/** How a hook is to wait for what it shows. */
export interface SuspenseOptions {
  /**
   * Waits until there is something to show, with the nearest Suspense, which must stand below the provider; what cannot be read at
   * all goes to the nearest error boundary. On a server, the fallback of that Suspense is rendered. Default false.
   */
  readonly suspense?: boolean | undefined;
}

/** What a hook needs to know of a kind of view. */
export interface Kind<T, V extends View<T>> {
  make(views: Views): V;
  /** What is shown until there is something. The same object each time. */
  readonly empty: T;
  /** Whether there is something to show. */
  isReady?(state: T): boolean;
}

const nothing = (): void => undefined;

/**
 * Shows a view that all components with the same key share.
 *
 * @param key names the view, and says of what `make` makes it; undefined for none
 * @returns what it shows, and how to get hold of it
 */
export function useView<T, V extends View<T>>(key: string | undefined, { make, empty, isReady = () => true }: Kind<T, V>, suspense = false): readonly [T, () => V] {
  const { session, mounted } = usePlace();
  if (suspense && key !== undefined) {
    if (typeof document === 'undefined') throw new TalariaError('closed', 'This is rendered in the browser.');
    const wait = session ? session.wait(key, make, isReady) : mounted;
    // What React waits for is thrown.
    // oxlint-disable-next-line no-throw-literal, typescript/only-throw-error
    if (wait) throw wait;
  }
  const subscribe = useCallback((listener: () => void) => {
    if (!session || key === undefined) return nothing;
    const stop = session.acquire(key, make).subscribe(listener);
    return () => {
      stop();
      session.release(key);
    };
    // The key says of what it is made.
  }, [session, key]);
  const get = (): T => (key === undefined ? undefined : session?.peek<V>(key)?.get()) ?? empty;
  const state = useSyncExternalStore(subscribe, get, () => empty);
  const view = useMemo(() => () => {
    const found = key === undefined ? undefined : session?.peek<V>(key);
    if (!found) throw new TalariaError('closed', 'Nothing is shown yet, or any more.');
    return found;
  }, [session, key]);
  return [state, view];
}

/** The words that name a view. */
export function keyFor(...words: readonly (string | number | boolean | undefined)[]): string {
  return JSON.stringify(words);
}
