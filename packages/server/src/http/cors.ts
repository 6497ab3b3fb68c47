/**
 * Cross-origin requests. Only operations that take user tokens, or lead to one, have them: a key belongs on servers, and pages must not
 * be tempted. Their credentials are headers, never cookies, so no request is made in a user's name without the page's doing. The cookie of an
 * operator is for pages of this server alone, and is never let across (`same-origin.ts`).
 */
import { ProtocolError } from '@talaria/protocol';
import type { Operation } from '@talaria/protocol/operations';
import { originAllowed } from '../domain/auth/allowed-origins.js';
import type { Authenticated } from '../domain/auth/authenticate.js';
import type { HttpResponse } from '../runtime/http-message.js';
import type { Exchange } from './exchange.js';
import type { PathEntry } from './routes.js';

const REQUEST_HEADERS = 'authorization, content-type, idempotency-key, talaria-app, traceparent';
const RESPONSE_HEADERS = 'idempotency-key, ratelimit, ratelimit-policy, retry-after, talaria-request-id';
const PREFLIGHT_SECONDS = 3_600;
/** As browsers write it. Anything else would have to be written back, and may not even be a header's value. */
const ORIGIN = /^[\u0021-\u007e]+$/;

/** Pages ask for what takes a user's token, or leads to one. */
export const forPages = ({ user, public: open }: Operation): boolean => user || open === true;

const openMethods = (entry: PathEntry): readonly string[] =>
  [...entry.methods].flatMap(([method, route]) => (route.kind === 'operation' && forPages(route.operation) ? [method] : []));

/** The answer to OPTIONS. A preflight carries no token, so the app is not known yet; the request itself is held against its origins. */
export function answerOptions({ request, headers }: Exchange, entry: PathEntry): HttpResponse {
  const methods = openMethods(entry);
  headers.push(['allow', allowedMethods(entry)]);
  if (methods.length > 0 && request.headers.has('origin') && request.headers.has('access-control-request-method')) {
    admitOrigin(request.headers.get('origin'), headers);
    headers.push(
      ['access-control-allow-methods', methods.join(', ')], ['access-control-allow-headers', REQUEST_HEADERS],
      ['access-control-max-age', String(PREFLIGHT_SECONDS)],
    );
  }
  return { status: 204, headers: [], body: '' };
}

export function allowedMethods(entry: PathEntry): string {
  const methods = [...entry.methods.keys()];
  return [...methods, ...(methods.includes('GET') ? ['HEAD'] : []), 'OPTIONS'].join(', ');
}

/** Lets the page read the answer, also a refusal that comes before the app is known: it says nothing about anybody. */
export function admitOrigin(origin: string | undefined, headers: Exchange['headers']): void {
  if (origin === undefined || !ORIGIN.test(origin)) return;
  headers.push(['access-control-allow-origin', origin], ['access-control-expose-headers', RESPONSE_HEADERS], ['vary', 'origin']);
}

/** @throws ProtocolError origin_not_allowed, before anything is done, where the app has not named the page's origin */
export function checkOrigin({ request, headers }: Exchange, { caller, app }: Authenticated): void {
  const origin = request.headers.get('origin');
  if (origin === undefined) return;
  const ofPages = caller.kind === 'user' || caller.kind === 'anyone';
  if (ofPages && app && originAllowed(app, origin)) return;
  headers.splice(0, headers.length, ...headers.filter(([name]) => !name.startsWith('access-control-')));
  if (ofPages) throw new ProtocolError('origin_not_allowed');
}
