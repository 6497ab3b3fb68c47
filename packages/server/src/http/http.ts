/** One request, from the transport to its answer: route, limit, credential, input, operation. */
import { ProtocolError } from '@talaria/protocol';
import { findOperation } from '@talaria/protocol/operations';
import { asProtocolError, isFault } from '../domain/as-protocol-error.js';
import { operatorBehind } from '../domain/caller.js';
import type { Domain } from '../domain/domain.js';
import type { AddressGate } from '../domain/limits/address-gate.js';
import type { Caller } from '../domain/caller.js';
import { placeOf } from '../domain/insight/traces.js';
import { executeOperation } from '../domain/operations.js';
import type { HttpRequest, HttpResponse } from '../runtime/http-message.js';
import { errorFields, type LogFields } from '../runtime/log.js';
import type { Metrics } from '../runtime/metrics.js';
import { traceIdOf } from '../runtime/trace.js';
import { commandMeta } from './command-meta.js';
import { admitOrigin, allowedMethods, answerOptions, checkOrigin, forPages } from './cors.js';
import { LAG_HEADER, mayLag } from './consistency.js';
import { admitAnyone, challenge } from './credentials.js';
import type { Exchange } from './exchange.js';
import { identify, isWrite, usesCookie } from './identify.js';
import { readInput } from './input.js';
import { createOAuthToken } from './oauth-token.js';
import { createPages } from './pages.js';
import { checkPath } from './path.js';
import { problem } from './problem.js';
import { parseQuery, refuseCredentials } from './query.js';
import { rateHeaders } from './rate-headers.js';
import { createRouter, type Matched } from './router.js';
import { operationPaths, type OperationRoute, type PathEntry } from './routes.js';
import { commonHeaders } from './security-headers.js';
import { serveSession } from './session-operations.js';

export interface HttpOptions {
  readonly domain: Domain;
  readonly metrics: Metrics;
  /** Requests of one address before it is known who asks. */
  readonly gate: AddressGate;
  readonly version: string;
  /** Whether the server can serve: storage writes, not draining. */
  readonly ready: () => boolean;
  /** The folder of the documentation as a site; it may lack one. */
  readonly documentation?: string | undefined;
  /** The folder of the built dashboard; it may lack one. */
  readonly dashboard?: string | undefined;
}

export interface Http {
  /** Never rejects. */
  http(request: HttpRequest): Promise<HttpResponse>;
  refuseHttp(reason: 'too_large' | 'request_timeout' | 'bad_request'): HttpResponse;
}

const SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

export function createHttp(options: HttpOptions): Http {
  const { domain, gate, metrics } = options;
  const { clock, random, ids } = domain;
  const seconds = metrics.histogram('talaria_http_request_seconds', 'Time from a whole request to its answer, by operation and status.', SECONDS, ['operation', 'status']);
  const find = createRouter<PathEntry>(new Map([...operationPaths(), ...createPages(options), createOAuthToken(domain, gate)]));

  async function serve(exchange: Exchange): Promise<HttpResponse> {
    const { request, headers } = exchange;
    checkPath(request.path);
    const matched = find(request.path);
    const route = matched?.entry.methods.get(request.method);
    if (route) exchange.route = route.id;
    if (route?.kind === 'operation' && forPages(route.operation) && !usesCookie(request)) admitOrigin(request.headers.get('origin'), headers);
    if (route?.kind !== 'page' || !route.unlimited) gate.admit(exchange.client);
    if (route?.kind === 'page') return route.answer(exchange);
    if (!matched) throw new ProtocolError('not_found', 'There is nothing at this path.');
    if (request.method === 'OPTIONS') return answerOptions(exchange, matched.entry);
    if (!route) {
      headers.push(['allow', allowedMethods(matched.entry)]);
      throw new ProtocolError('method_not_allowed');
    }
    return serveOperation(exchange, route, matched);
  }

  async function serveOperation(exchange: Exchange, route: OperationRoute, { params }: Matched<PathEntry>): Promise<HttpResponse> {
    const { request, headers } = exchange;
    const parameters = parseQuery(request.query);
    refuseCredentials(parameters);
    if (route.operation.cookie) return json(await serveSession(domain, gate, exchange, route, parameters));
    const authenticated = route.operation.public ? await admitAnyone(domain, exchange) : await identify(domain, exchange);
    const { caller } = authenticated;
    exchange.caller = caller;
    if (caller.kind !== 'anyone') gate.authenticated(exchange.client);
    checkOrigin(exchange, authenticated);
    const input = readInput(route, request, parameters, params);
    const meta = route.operation.command ? commandMeta(exchange, ids) : undefined;
    try {
      const lagging = mayLag(exchange, route, caller) ? domain.openLagging?.() : undefined;
      const readMs = meta && domain.traces.running !== undefined ? clock.monotonic() : undefined;
      const output = await executeOperation(lagging ? { ...domain, storage: lagging.storage } : domain, caller, route.id, input, meta);
      if (readMs !== undefined) noteAnswered(caller, output, clock.monotonic() - readMs);
      const lagMs = lagging?.lagMs() ?? null;
      if (lagMs !== null) headers.push([LAG_HEADER, String(Math.ceil(lagMs))]);
      return json(output);
    } finally {
      headers.push(...rateHeaders(domain.limits, caller));
    }
  }

  /** For the trace of the message, if it has one. */
  function noteAnswered(caller: Caller, output: unknown, tookMs: number): void {
    if (caller.kind === 'admin' || caller.kind === 'operator') return;
    const place = placeOf(output);
    if (place) domain.traces.of(caller.app, place.stream)?.answered(place.seq, tookMs);
  }

  function refuse(exchange: Exchange, error: unknown): HttpResponse {
    const known = asProtocolError(error);
    exchange.refusal = known;
    domain.counts.refusals[known.code] += 1;
    if (isFault(known)) domain.log.error('http.failed', { ...logFields(exchange), ...errorFields(known.cause ?? known) });
    const answer = problem(known, exchange.requestId);
    if (answer.status === 401) exchange.headers.push(challenge(known));
    return answer;
  }

  function finish(exchange: Exchange, answer: HttpResponse, startedMs: number): HttpResponse {
    const tookMs = clock.monotonic() - startedMs;
    seconds.observe({ operation: exchange.route, status: String(answer.status) }, tookMs / 1_000);
    domain.counts.requests += 1;
    if (answer.status >= 500) domain.counts.requestErrors += 1;
    const { code, reason } = exchange.refusal ?? {};
    const operator = operatorBehind(exchange.caller);
    // Who did what must be found again, also when nobody asked for more than the usual log.
    if (operator && isWrite(exchange.request) && !reads(exchange.route)) domain.log.info('operator.wrote', { ...logFields(exchange), role: operator.role, status: answer.status, code });
    domain.log.debug('http.request', { ...logFields(exchange), status: answer.status, code, reason, took_ms: Math.round(tookMs * 10) / 10 });
    return complete(answer, exchange.headers, exchange.requestId);
  }

  return {
    async http(received) {
      const head = received.method === 'HEAD';
      const exchange: Exchange = {
        request: head ? { ...received, method: 'GET' } : received,
        requestId: ids.uuid(), traceId: traceIdOf(received.headers.get('traceparent'), random),
        client: gate.clientOf(received.address, received.headers.get('x-forwarded-for')), proxied: gate.trusts(received.address), headers: [], route: 'none', caller: undefined, refusal: undefined,
      };
      const startedMs = clock.monotonic();
      const answer = await serve(exchange).catch((error: unknown) => refuse(exchange, error));
      return finish(exchange, answer, startedMs);
    },
    refuseHttp(reason) {
      const requestId = ids.uuid();
      const error = reason === 'bad_request' ? new ProtocolError('invalid_argument', 'This is not a valid HTTP request.') : new ProtocolError(reason);
      domain.log.debug('http.unread', { request: requestId, code: error.code });
      return problem(error, requestId);
    },
  };
}

function complete({ status, headers, body }: HttpResponse, more: Exchange['headers'], requestId: string): HttpResponse {
  const said = new Set([...headers, ...more].map(([name]) => name));
  return { status, body, headers: [...headers, ...more, ...commonHeaders(requestId).filter(([name]) => !said.has(name))] };
}

const json = (output: unknown): HttpResponse => ({ status: 200, headers: [['content-type', 'application/json']], body: JSON.stringify(output) });

/** Whether an operation changes nothing: some reads are POST, for what they ask is long, or is not to stand in an address. */
const reads = (route: string): boolean => findOperation(route)?.scope?.endsWith(':read') === true;

function logFields({ requestId, traceId, route, caller, client }: Exchange): LogFields {
  return {
    request: requestId, trace: traceId, operation: route, address: client, app: caller && 'app' in caller ? caller.app : undefined,
    user: caller?.kind === 'user' ? caller.userId : undefined, key: caller?.kind === 'backend' || caller?.kind === 'admin' ? caller.keyId : undefined, operator: operatorBehind(caller)?.id,
  };
}
