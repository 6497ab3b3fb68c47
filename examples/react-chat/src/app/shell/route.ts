/** What is open stands in the address, so that going back, a link and a second tab work: `#/c_…/m_…?at=7`. */
import { useMemo, useSyncExternalStore } from 'react';

export interface Route {
  readonly conversationId: string | undefined;
  /** The message with which the open thread began. */
  readonly threadId: string | undefined;
  /** A seq to show. */
  readonly at: number | undefined;
}

const ID = /^[\w-]{1,200}$/;

export function readRoute(hash: string): Route {
  const [path = '', query = ''] = hash.replace(/^#\/?/, '').split('?');
  const [conversationId, threadId] = path.split('/').map((word) => (ID.test(word) ? word : undefined));
  const at = Number(new URLSearchParams(query).get('at') ?? 0);
  return { conversationId, threadId: conversationId === undefined ? undefined : threadId, at: Number.isSafeInteger(at) && at > 0 ? at : undefined };
}

export function hrefOf({ conversationId, threadId, at }: Partial<Route>): string {
  const path = [conversationId, threadId].filter((word) => word !== undefined).join('/');
  return `#/${path}${at === undefined ? '' : `?at=${at}`}`;
}

export function go(route: Partial<Route>): void {
  location.hash = hrefOf(route);
}

/** Without a step to go back to. */
export function replace(route: Partial<Route>): void {
  history.replaceState(null, '', hrefOf(route));
  dispatchEvent(new HashChangeEvent('hashchange'));
}

function subscribe(listener: () => void): () => void {
  addEventListener('hashchange', listener);
  addEventListener('popstate', listener);
  return () => {
    removeEventListener('hashchange', listener);
    removeEventListener('popstate', listener);
  };
}

export function useRoute(): Route {
  const hash = useSyncExternalStore(subscribe, () => location.hash);
  return useMemo(() => readRoute(hash), [hash]);
}
