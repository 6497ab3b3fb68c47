import findMyWay from 'find-my-way';

export interface Matched<Entry> {
  readonly entry: Entry;
  /** Decoded once. */
  readonly params: Readonly<Record<string, string>>;
}

const PARAM_CHARS_MAX = 2_048;
const nothing = (): undefined => undefined;

/**
 * Finds the entry of a path. Methods are not the router's business, so that a path that exists is told from one that does not.
 *
 * @param entries by template, with parameters in braces; `*` at the end takes the rest
 * @returns a function of a path that `checkPath` has let pass
 */
export function createRouter<Entry>(entries: ReadonlyMap<string, Entry>): (path: string) => Matched<Entry> | undefined {
  const router = findMyWay({ caseSensitive: true, ignoreTrailingSlash: false, ignoreDuplicateSlashes: false, maxParamLength: PARAM_CHARS_MAX });
  for (const [template, entry] of entries) router.on('GET', template.replaceAll(/\{(\w+)\}/g, ':$1'), nothing, entry);
  return (path) => {
    const found = router.find('GET', path);
    if (found === null) return undefined;
    const params = found.params as Record<string, string>;
    // The library takes nothing for a parameter, too: `/v1/users/` is not the user without an id.
    return Object.values(params).includes('') ? undefined : { entry: found.store as Entry, params };
  };
}
