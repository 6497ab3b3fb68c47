/** A link to sign in by, in the address: it is a secret, and is taken out before anything else happens. */

/** What of `location` and `history` is needed. */
export interface AddressBar {
  readonly location: { readonly hash: string; readonly pathname: string; readonly search: string };
  readonly history: { replaceState(data: null, unused: '', url: string): void };
}

const BEGIN = '#link=';

/** @returns what stands behind `#link=`; the entry of the history does not have it any more */
export function takeLink({ location, history }: AddressBar): string | undefined {
  if (!location.hash.startsWith(BEGIN)) return undefined;
  const link = location.hash.slice(BEGIN.length);
  history.replaceState(null, '', location.pathname + location.search);
  return link;
}
