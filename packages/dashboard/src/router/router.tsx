/** Where the operator is: the address bar, and nothing else, says so. */
import { createContext, type ComponentChildren, type JSX } from 'preact';
import { useContext, useEffect, useMemo, useState } from 'preact/hooks';
import { hrefWith, placeOf, type Place, type QueryChanges } from './match.js';

export interface Router {
  readonly place: Place;
  /** @param address as `href` makes it */
  go(address: string, options?: { readonly replace?: boolean }): void;
  /** Changes the query of this screen. A filter that is typed takes the place of the entry in the history. */
  change(changes: QueryChanges, options?: { readonly replace?: boolean }): void;
}

const START: Place = { path: '/', query: new URLSearchParams() };
const RouterContext = createContext<Router>({ place: START, go: () => undefined, change: () => undefined });

export const useRouter = (): Router => useContext(RouterContext);

/** A value of the query, and what changes it. */
export function useQueryValue(name: string, fallback = ''): readonly [string, (value: string | null, options?: { readonly replace?: boolean }) => void] {
  const { place, change } = useRouter();
  // Another filter begins at its own first page.
  const set = (value: string | null, options?: { readonly replace?: boolean }): void => change({ [name]: value === fallback ? null : value, ...(name !== 'after' && { after: null }) }, options);
  return [place.query.get(name) ?? fallback, set];
}

const here = (): Place => placeOf(location.pathname, location.search) ?? START;

export function RouterProvider({ children }: { readonly children: ComponentChildren }): JSX.Element {
  const [place, setPlace] = useState(here);
  useEffect(() => {
    const moved = (): void => setPlace(here());
    const clicked = (event: MouseEvent): void => {
      const address = innerAddress(event);
      if (address === undefined) return;
      event.preventDefault();
      if (address !== location.pathname + location.search) history.pushState(null, '', address);
      moved();
      scrollTo(0, 0);
    };
    addEventListener('popstate', moved);
    document.addEventListener('click', clicked);
    return () => {
      removeEventListener('popstate', moved);
      document.removeEventListener('click', clicked);
    };
  }, []);
  const router = useMemo<Router>(() => {
    const go: Router['go'] = (address, options) => {
      if (options?.replace === true) history.replaceState(null, '', address);
      else history.pushState(null, '', address);
      setPlace(here());
    };
    return { place, go, change: (changes, options) => go(hrefWith(here(), changes), options) };
  }, [place]);
  return <RouterContext.Provider value={router}>{children}</RouterContext.Provider>;
}

/** Where a click on a link leads within the dashboard; undefined when the browser is to follow it. */
function innerAddress(event: MouseEvent): string | undefined {
  if (event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return undefined;
  const link = event.target instanceof Element ? event.target.closest('a') : null;
  if (!link || link.target !== '' || link.hasAttribute('download') || link.origin !== location.origin) return undefined;
  if (placeOf(link.pathname, link.search) === undefined || (link.hash !== '' && link.pathname === location.pathname)) return undefined;
  return link.pathname + link.search;
}
