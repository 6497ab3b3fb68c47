/** What the components below one provider share: a client, and the views that are on the screen. */
import type { Client } from '../client.js';
import { views, type View, type Views } from '../views/index.js';

interface Shared {
  readonly view: View<unknown>;
  /** Components that show it. */
  users: number;
  timer: ReturnType<typeof setTimeout> | undefined;
  /** Resolves when it has something to show. */
  ready: Promise<void> | undefined;
}

/** A view that nobody shows stays for a moment: who goes back to it finds it as it was. */
const LINGER_MS = 1_000;
/** One that a component waits for before it is mounted. */
const WAIT_MS = 30_000;

export class Session {
  readonly views: Views;
  private readonly shared = new Map<string, Shared>();

  constructor(readonly client: Client) {
    this.views = views(client);
  }

  /** The view of that name, if somebody shows it. */
  peek<V extends View<unknown>>(key: string): V | undefined {
    return this.shared.get(key)?.view as V | undefined;
  }

  /** @returns the view of that name, which stays until `release` */
  acquire<V extends View<unknown>>(key: string, make: (views: Views) => V): V {
    const shared = this.find(key, make);
    shared.users += 1;
    clearTimeout(shared.timer);
    return shared.view as V;
  }

  release(key: string): void {
    const shared = this.shared.get(key);
    if (!shared) return;
    shared.users -= 1;
    if (shared.users === 0) this.closeIn(LINGER_MS, key, shared);
  }

  /**
   * For a component that is not mounted before there is something to show.
   *
   * @returns undefined when there is, else what to wait for
   */
  wait<T>(key: string, make: (views: Views) => View<T>, isReady: (state: T) => boolean): Promise<void> | undefined {
    const shared = this.find(key, make);
    const view = shared.view as View<T>;
    if (shared.users === 0) this.closeIn(WAIT_MS, key, shared);
    if (isReady(view.get())) return undefined;
    shared.ready ??= new Promise((resolve) => {
      const stop = view.subscribe(() => {
        if (!isReady(view.get())) return;
        stop();
        shared.ready = undefined;
        resolve();
      });
    });
    return shared.ready;
  }

  close(): void {
    for (const { timer } of this.shared.values()) clearTimeout(timer);
    this.shared.clear();
    this.views.close();
  }

  private find(key: string, make: (views: Views) => View<unknown>): Shared {
    const shared = this.shared.get(key) ?? { view: make(this.views), users: 0, timer: undefined, ready: undefined };
    this.shared.set(key, shared);
    return shared;
  }

  private closeIn(ms: number, key: string, shared: Shared): void {
    clearTimeout(shared.timer);
    shared.timer = setTimeout(() => {
      this.shared.delete(key);
      shared.view.close();
    }, ms);
  }
}
