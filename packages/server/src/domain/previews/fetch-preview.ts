import type { LinkPreview } from '@talaria/protocol';
import { isIP } from 'node:net';
import type { Clock } from '../../runtime/clock.js';
import { isPublicAddress } from '../../runtime/public-address.js';
import { FetchError, type FetchAnswer, type SafeFetch } from '../../runtime/safe-fetch.js';
import { URL_CHARS_MAX } from './links.js';
import { readHead } from './page-head.js';
import { decodeEntities, plainText } from './plain-text.js';

export interface PageBounds {
  /** From the first request to the last byte behind the last redirect. */
  readonly timeout_ms: number;
  /** What is read of a page; the rest of it is left where it is. */
  readonly bytes_max: number;
  readonly redirects_max: number;
}

export const defaultPageBounds: PageBounds = { timeout_ms: 3_000, bytes_max: 262_144, redirects_max: 3 };
export const TITLE_CHARS_MAX = 200;
export const DESCRIPTION_CHARS_MAX = 400;
/** Where a page says how it is written, if its header does not (https://html.spec.whatwg.org, prescan). */
const CHARSET_BYTES = 1_024;

/**
 * What a page says of itself. Each redirect is a request of its own, which is looked at as the first one was.
 *
 * @param fetch reaches the public internet alone
 * @returns null for a page that says nothing, or is none
 * @throws FetchError when it cannot be fetched
 */
export async function fetchPreview(fetch: SafeFetch, clock: Clock, link: string, bounds: PageBounds = defaultPageBounds): Promise<LinkPreview | null> {
  const untilMs = clock.monotonic() + bounds.timeout_ms;
  let url = link;
  for (let redirects = 0; redirects <= bounds.redirects_max; redirects += 1) {
    const timeout_ms = Math.floor(untilMs - clock.monotonic());
    if (timeout_ms <= 0) throw new FetchError('timeout', `it has not answered in ${bounds.timeout_ms} ms`);
    const answer = await fetch(url, { timeout_ms, bytes_max: bounds.bytes_max, cut: true, headers: { accept: 'text/html' } });
    const next = redirectOf(answer, url);
    if (next === undefined) return previewOf(answer, link, url);
    url = next;
  }
  return null;
}

function redirectOf(answer: FetchAnswer, from: string): string | undefined {
  const location = answer.header('location');
  if (![301, 302, 303, 307, 308].includes(answer.status) || location === undefined || !URL.canParse(location, from)) return undefined;
  return new URL(location, from).href;
}

function previewOf(answer: FetchAnswer, link: string, url: string): LinkPreview | null {
  const type = answer.header('content-type') ?? '';
  if (answer.status !== 200 || !/^text\/html\s*(?:;|$)/i.test(type)) return null;
  const head = readHead(pageText(answer.body, type));
  const title = plainText(head.title ?? '', TITLE_CHARS_MAX);
  if (title === undefined) return null;
  const description = plainText(head.description ?? '', DESCRIPTION_CHARS_MAX);
  const image = imageUrl(head.image, url);
  return { url: link, title, ...(description === undefined ? {} : { description }), ...(image === undefined ? {} : { image_url: image }) };
}

function pageText(body: Buffer, type: string): string {
  const said = /charset\s*=\s*["']?([\w-]{1,40})/i;
  const [, label = 'utf-8'] = said.exec(type) ?? said.exec(body.toString('latin1', 0, CHARSET_BYTES)) ?? [];
  try {
    return new TextDecoder(label).decode(body);
  } catch {
    // Nobody knows that encoding.
    return new TextDecoder().decode(body);
  }
}

/** Clients fetch it, from where they are: so it must not name anything there. */
function imageUrl(raw: string | undefined, page: string): string | undefined {
  if (raw === undefined || raw.length > 2 * URL_CHARS_MAX) return undefined;
  const text = decodeEntities(raw).trim();
  if (text === '' || !URL.canParse(text, page)) return undefined;
  const url = new URL(text, page);
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
  const open = isIP(host) === 0 ? host.includes('.') : isPublicAddress(host);
  const web = url.protocol === 'https:' || url.protocol === 'http:';
  return web && open && url.username === '' && url.password === '' && url.href.length <= URL_CHARS_MAX ? url.href : undefined;
}
