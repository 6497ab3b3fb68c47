/** Where a session is kept between two starts of the app. It holds the refresh token: nobody but this user may read it. */
export interface IdentityStore {
  /** @returns what was kept last; null when nothing is */
  get(): Promise<string | null>;
  /** @param text null: nothing is kept any more */
  set(text: string | null): Promise<void>;
}

/** For as long as this object lives. */
export function memoryIdentityStore(): IdentityStore {
  let kept: string | null = null;
  return {
    get: () => Promise.resolve(kept),
    set(text) {
      kept = text;
      return Promise.resolve();
    },
  };
}

/** What `localStorage` has, as far as it is needed. */
export interface WebStorage {
  getItem(key: string): string | null;
  setItem(key: string, value: string): void;
  removeItem(key: string): void;
}

/**
 * In the browser: all tabs share the session. Whatever script runs in the page can read it, as it could use it.
 *
 * @param storage `localStorage`, or `sessionStorage` for one tab
 * @param key one for each app and user that the page knows apart
 */
export function webIdentityStore(storage: WebStorage, key = 'talaria-identity'): IdentityStore {
  return {
    get: () => Promise.resolve(storage.getItem(key)),
    set(text) {
      if (text === null) storage.removeItem(key);
      else storage.setItem(key, text);
      return Promise.resolve();
    },
  };
}
