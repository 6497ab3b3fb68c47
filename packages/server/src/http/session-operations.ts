/** The operations that begin, show and end the session of an operator. They alone read and write a cookie. */
import { ProtocolError } from '@talaria/protocol';
import type { OperationInput, OperationOutput } from '@talaria/protocol/operations';
import type { Domain } from '../domain/domain.js';
import type { AddressGate } from '../domain/limits/address-gate.js';
import { checkInput } from '../domain/operations.js';
import { acceptOperatorLink, lookAtOperatorLink } from '../domain/operators/links.js';
import { actingAs, endSession, signedInView, type Begun, type SignedIn, type Visitor } from '../domain/operators/sessions.js';
import { signIn } from '../domain/operators/sign-in.js';
import type { Exchange } from './exchange.js';
import { liveSession } from './identify.js';
import { readInput } from './input.js';
import { clearCookie, cookieOf, setCookie } from './operator-cookie.js';
import type { OperationRoute } from './routes.js';
import { checkJson, checkSameOrigin } from './same-origin.js';
import { siteOf } from './site.js';

const AGENT_CHARS_MAX = 200;

/** @returns the output of the operation @throws ProtocolError */
export async function serveSession(
  domain: Domain, gate: AddressGate, exchange: Exchange, route: OperationRoute, parameters: readonly (readonly [string, string])[],
): Promise<SignedIn | OperationOutput<'session.link'> | Record<string, never>> {
  const { id, operation } = route;
  const input = (): Readonly<Record<string, unknown>> => checkInput(operation, readInput(route, exchange.request, parameters, {}));
  switch (id) {
    // What the schema of this very operation has made.
    case 'session.create': return enter(domain, gate, exchange, () => signIn(domain, input() as OperationInput<'session.create'>, visitorOf(exchange)));
    case 'session.accept': return enter(domain, gate, exchange, () => acceptOperatorLink(domain, input() as OperationInput<'session.accept'>, visitorOf(exchange)));
    case 'session.link':
      checkEntry(exchange);
      return lookAtOperatorLink(domain, input() as OperationInput<'session.link'>);
    case 'session.get':
    case 'session.delete': {
      const secret = cookieOf(exchange);
      if (secret === undefined) throw new ProtocolError('unauthenticated', 'Nobody is signed in.');
      const found = await liveSession(domain, exchange, secret);
      exchange.caller = { kind: 'operator', operator: actingAs(found.operator, found.session) };
      gate.authenticated(exchange.client);
      input();
      if (id === 'session.get') return signedInView(domain, secret, found);
      await endSession(domain, secret);
      exchange.headers.push(clearCookie(exchange));
      return {};
    }
    default: throw new Error(`${id} has a cookie, and nobody serves it`);
  }
}

/** The cookie that was there goes with its session: whoever signs in has one that nobody else has seen. */
async function enter(domain: Domain, gate: AddressGate, exchange: Exchange, begin: () => Promise<Begun>): Promise<SignedIn> {
  checkEntry(exchange);
  const former = cookieOf(exchange);
  const { secret, caller, signedIn } = await begin().catch((error: unknown) => {
    // Seldom, however many try: the limits of attempts come before it.
    if (error instanceof ProtocolError && error.code === 'invalid_credentials') domain.log.warn('operator.not_signed_in', { request: exchange.requestId, address: exchange.client });
    throw error;
  });
  if (former !== undefined) await endSession(domain, former);
  exchange.caller = { kind: 'operator', operator: caller };
  gate.authenticated(exchange.client);
  exchange.headers.push(setCookie(exchange, secret));
  return signedIn;
}

/** There is no session whose token could be asked for yet; the other duties hold. @throws ProtocolError */
function checkEntry(exchange: Exchange): void {
  const { secure, loopback } = siteOf(exchange);
  checkSameOrigin(exchange, true);
  checkJson(exchange);
  if (!secure && !loopback) {
    throw new ProtocolError('forbidden', "Passwords are taken over https, or on the server's own machine. Behind a proxy with TLS, name it in trust_proxy, and let it send X-Forwarded-Proto.");
  }
}

function visitorOf({ client, request }: Exchange): Visitor {
  return { address: client, agent: (request.headers.get('user-agent') ?? '').replaceAll(/[^\u0020-\u007e]/g, '').slice(0, AGENT_CHARS_MAX) };
}
