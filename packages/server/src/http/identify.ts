/** Who asks: by the Authorization header, or, where there is none, by the cookie of an operator. */
import { isId, ProtocolError } from '@talaria/protocol';
import { scopesOfRole } from '@talaria/protocol/operations';
import { authenticate, type Authenticated } from '../domain/auth/authenticate.js';
import type { Domain } from '../domain/domain.js';
import { actingAs, findSession, type LiveSession } from '../domain/operators/sessions.js';
import type { HttpRequest } from '../runtime/http-message.js';
import { APP_HEADER, bearerOf, namedApp } from './credentials.js';
import type { Exchange } from './exchange.js';
import { clearCookie, cookieOf } from './operator-cookie.js';
import { checkCsrf, checkJson, checkSameOrigin } from './same-origin.js';

/** The app that an operator acts for. */
export const ACT_FOR_HEADER = 'talaria-act-for';

/** What is no GET changes something, or might. HEAD has been read as GET. */
export const isWrite = ({ method }: HttpRequest): boolean => method !== 'GET';

/** Whether it is a cookie by which the request asks; whether it is a good one is not looked at. */
export const usesCookie = ({ headers }: HttpRequest): boolean => headers.has('cookie') && !headers.has('authorization');

/** @throws ProtocolError as `authenticate`, and for a cookie origin_not_allowed, forbidden, unauthenticated, not_found, suspended */
export async function identify(domain: Domain, exchange: Exchange): Promise<Authenticated> {
  const { request } = exchange;
  const secret = usesCookie(request) ? cookieOf(exchange) : undefined;
  if (secret !== undefined) return identifyOperator(domain, exchange, secret);
  const credential = bearerOf(request);
  if (request.headers.has(ACT_FOR_HEADER)) throw new ProtocolError('invalid_argument', 'Only an operator acts for an app. A key is of one.', { field: 'Talaria-Act-For' });
  return authenticate(domain, credential, namedApp(request));
}

async function identifyOperator(domain: Domain, exchange: Exchange, secret: string): Promise<Authenticated> {
  const found = await liveSession(domain, exchange, secret);
  const operator = actingAs(found.operator, found.session);
  const { headers } = exchange.request;
  if (headers.has(APP_HEADER)) throw new ProtocolError('invalid_argument', 'An operator names an app by Talaria-Act-For.', { field: 'Talaria-App' });
  const actFor = headers.get(ACT_FOR_HEADER);
  if (actFor === undefined) return { caller: { kind: 'operator', operator }, app: undefined };
  const app = isId('app', actFor) ? await domain.apps.byId(actFor) : undefined;
  if (!app) throw new ProtocolError('not_found', 'There is no such app.', { field: 'Talaria-Act-For' });
  if (app.suspended) throw new ProtocolError('suspended');
  return { caller: { kind: 'backend', app: app.row.id, scopes: scopesOfRole(operator.role), operator }, app };
}

/**
 * The session of a cookie, for a request that may be made with it.
 *
 * @throws ProtocolError origin_not_allowed, unsupported_media_type, unauthenticated, forbidden
 */
export async function liveSession(domain: Domain, exchange: Exchange, secret: string): Promise<LiveSession> {
  const write = isWrite(exchange.request);
  checkSameOrigin(exchange, write);
  if (write) checkJson(exchange);
  const found = await findSession(domain, secret);
  if (!found) {
    exchange.headers.push(clearCookie(exchange));
    throw new ProtocolError('unauthenticated', 'The session has ended. Sign in again.');
  }
  if (write) checkCsrf(domain, exchange, secret);
  return found;
}
