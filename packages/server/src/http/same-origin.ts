/** Requests by cookie come from pages of this server, or they are not carried out (CSRF). Each of these would do alone. */
import { ProtocolError } from '@talaria/protocol';
import { csrfMatches } from '../domain/operators/sessions.js';
import type { Domain } from '../domain/domain.js';
import type { Exchange } from './exchange.js';
import { siteOf } from './site.js';

export const CSRF_HEADER = 'talaria-csrf';
const JSON_TYPE = /^application\/json\s*(?:;|$)/i;

/**
 * What browsers say of where a request comes from, and cannot be made to say otherwise by a page.
 *
 * @param write whether the request may change something; what only reads may also be typed into the address bar
 * @throws ProtocolError origin_not_allowed
 */
export function checkSameOrigin(exchange: Exchange, write: boolean): void {
  const { headers } = exchange.request;
  const [from, origin] = [headers.get('sec-fetch-site'), headers.get('origin')];
  const same = from === undefined || from === 'same-origin' || (from === 'none' && !write);
  if (!same || (origin !== undefined && origin !== siteOf(exchange).origin)) throw new ProtocolError('origin_not_allowed', 'Only pages of this server ask this.');
}

/** Forms of other pages can send bodies, but not this one. @throws ProtocolError unsupported_media_type */
export function checkJson({ request: { headers, method } }: Exchange): void {
  if (method !== 'DELETE' && !JSON_TYPE.test(headers.get('content-type')?.trim() ?? '')) throw new ProtocolError('unsupported_media_type');
}

/** The token of the session, which pages of other origins cannot read, in a header, which they cannot set. @throws ProtocolError forbidden */
export function checkCsrf(domain: Domain, { request: { headers } }: Exchange, secret: string): void {
  const given = headers.get(CSRF_HEADER);
  if (given === undefined) throw new ProtocolError('forbidden', 'What changes something needs the header Talaria-Csrf, with the csrf_token of the session.', { field: 'Talaria-Csrf' });
  if (!csrfMatches(domain, secret, given)) throw new ProtocolError('forbidden', 'Talaria-Csrf is not the csrf_token of this session.', { field: 'Talaria-Csrf' });
}
