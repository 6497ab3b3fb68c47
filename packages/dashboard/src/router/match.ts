/** Paths of screens: templates with `:names`, and links with a query. */

export const BASE = '/dashboard';

export interface Place {
  /** Below `BASE`, beginning with a slash. */
  readonly path: string;
  readonly query: URLSearchParams;
}

/** @param address path and query, as `location` has them. @returns undefined outside of the dashboard */
export function placeOf(pathname: string, search: string): Place | undefined {
  if (pathname !== BASE && !pathname.startsWith(`${BASE}/`)) return undefined;
  const path = pathname.slice(BASE.length).replace(/\/+$/, '');
  return { path: path === '' ? '/' : path, query: new URLSearchParams(search) };
}

/** The named parts of a path, decoded; undefined when it is another one. */
export function matchPath(template: string, path: string): Readonly<Record<string, string>> | undefined {
  const [wanted, given] = [template.split('/'), path.split('/')];
  if (wanted.length !== given.length) return undefined;
  const found: Record<string, string> = {};
  for (const [at, part] of wanted.entries()) {
    const value = decoded(given[at] ?? '');
    if (!part.startsWith(':')) {
      if (part !== value) return undefined;
    } else if (value === undefined || value === '') return undefined;
    else found[part.slice(1)] = value;
  }
  return found;
}

function decoded(part: string): string | undefined {
  try {
    return decodeURIComponent(part);
  } catch {
    return undefined;
  }
}

export type QueryChanges = Readonly<Record<string, string | number | null | undefined>>;

/** The address of a screen. @param path below `BASE`; parts that come from outside have to be encoded */
export function href(path: string, query: QueryChanges = {}): string {
  return withQuery(`${BASE}${path === '/' ? '/' : path}`, changed(new URLSearchParams(), query));
}

/** The same screen with another query: what is null or empty is taken out. */
export function hrefWith({ path, query }: Place, changes: QueryChanges): string {
  return withQuery(`${BASE}${path}`, changed(query, changes));
}

function changed(query: URLSearchParams, changes: QueryChanges): URLSearchParams {
  const next = new URLSearchParams(query);
  for (const [name, value] of Object.entries(changes)) {
    if (value === null || value === undefined || value === '') next.delete(name);
    else next.set(name, String(value));
  }
  return next;
}

const withQuery = (path: string, query: URLSearchParams): string => (query.size === 0 ? path : `${path}?${query.toString()}`);
