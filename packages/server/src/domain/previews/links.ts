/** Which links a text holds. */

/** Of a message, so many links get a preview: the first ones. */
export const LINKS_MAX = 3;
/** Of an address, as it stands and as it is shown. */
export const URL_CHARS_MAX = 2_048;
/** Candidates that are looked at before a text is taken to have no more links. */
const CANDIDATES_MAX = 20;

const CANDIDATE = /\bhttps?:\/\/[^\s<>"'`{}|\\^]+/gi;
/** What ends a sentence rather than an address. */
const CLOSING = new Set('.,;:!?*_~)]');
/** And where the address began a bracket itself. */
const CLOSING_BRACKETED = new Set('.,;:!?*_~');

/** @param text of a message @returns the first http and https addresses, each once, as they stand there */
export function linksIn(text: string): readonly string[] {
  const found = new Map<string, string>();
  let looked = 0;
  for (const [candidate] of text.matchAll(CANDIDATE)) {
    looked += 1;
    const link = withoutClosing(candidate);
    const url = link.length <= URL_CHARS_MAX && URL.canParse(link) ? new URL(link) : undefined;
    // A password is nobody's to send anywhere.
    if (url && url.username === '' && url.password === '') {
      url.hash = '';
      if (!found.has(url.href)) found.set(url.href, link);
    }
    if (found.size === LINKS_MAX || looked === CANDIDATES_MAX) break;
  }
  return [...found.values()];
}

function withoutClosing(candidate: string): string {
  const closing = candidate.includes('(') || candidate.includes('[') ? CLOSING_BRACKETED : CLOSING;
  let end = candidate.length;
  while (closing.has(candidate[end - 1] ?? '')) end -= 1;
  return candidate.slice(0, end);
}
