/**
 * The token endpoint (RFC 6749, sections 3.2 and 4.4): a backend's key for a token that lives for an hour. The one route that takes a
 * form, and whose answers are as OAuth has them, and no problem documents: libraries that know OAuth are to read them.
 */
import { errorInfo, ProtocolError } from '@talaria/protocol';
import type { Scope } from '@talaria/protocol/operations';
import { asProtocolError, isFault } from '../domain/as-protocol-error.js';
import { ACCESS_TOKEN_S, narrowScopes, sealAccessToken } from '../domain/auth/access-tokens.js';
import type { Domain } from '../domain/domain.js';
import type { AddressGate } from '../domain/limits/address-gate.js';
import type { HttpRequest, HttpResponse } from '../runtime/http-message.js';
import { errorFields } from '../runtime/log.js';
import type { KeyRow } from '../storage/rows.js';
import type { Exchange } from './exchange.js';
import { decodePart } from './path.js';
import { parseQuery } from './query.js';
import type { PageRoute, PathEntry } from './routes.js';

export const OAUTH_TOKEN_PATH = '/v1/oauth/token';

/** RFC 6749, section 5.2, and for what is over HTTP alone what section 4.1.2.1 has. */
type OAuthError = 'invalid_request' | 'invalid_client' | 'unsupported_grant_type' | 'invalid_scope' | 'temporarily_unavailable' | 'server_error';

class OAuthRefusal extends Error {
  override readonly name = 'OAuthRefusal';

  constructor(readonly error: OAuthError, description: string) {
    super(description);
  }
}

const FORM_TYPE = /^application\/x-www-form-urlencoded\s*(?:;\s*charset\s*=\s*"?utf-8"?\s*)?$/i;
const FORM_BYTES_MAX = 8_192;
const BASIC = /^Basic +([\w+/-]{1,4096}={0,2})$/i;
const decoder = new TextDecoder('utf-8', { fatal: true });

const WRONG_CLIENT = 'There is no such client, or its secret is another one.';

/** By its path. */
export function createOAuthToken(domain: Domain, gate: AddressGate): [string, PathEntry] {
  async function answer(exchange: Exchange): Promise<HttpResponse> {
    const { request } = exchange;
    gate.admit(exchange.client);
    if (request.query !== '') throw new OAuthRefusal('invalid_request', 'This takes no query. Put the parameters into the body.');
    const form = readForm(request);
    // The client first: who is none learns nothing else (RFC 6749, section 3.2.1).
    const key = await clientOf(domain, request, form);
    gate.authenticated(exchange.client);
    exchange.caller = key.app === null ? { kind: 'admin', keyId: key.id } : { kind: 'backend', app: key.app, keyId: key.id, scopes: key.scopes as readonly Scope[] };
    if (key.app !== null) domain.limits.take(key.app, null, null);
    const grant = form.get('grant_type');
    if (grant === undefined) throw new OAuthRefusal('invalid_request', 'grant_type is missing.');
    if (grant !== 'client_credentials') throw new OAuthRefusal('unsupported_grant_type', 'The one grant here is client_credentials.');
    const scopes = narrowScopes(key, form.get('scope'));
    if (!scopes) throw new OAuthRefusal('invalid_scope', 'scope names what is no scope, or none of this client.');
    const nowMs = domain.clock.now();
    const expiresMs = Math.min(nowMs + ACCESS_TOKEN_S * 1_000, key.expiresMs ?? Number.POSITIVE_INFINITY);
    return json(200, {
      access_token: sealAccessToken(domain.keyring, { keyId: key.id, scopes, expiresMs }), token_type: 'Bearer', expires_in: Math.floor((expiresMs - nowMs) / 1_000),
      scope: scopes.join(' '),
    });
  }

  function refuse(exchange: Exchange, thrown: unknown): HttpResponse {
    if (thrown instanceof OAuthRefusal) {
      // What the log and the metrics know of it, in their own words.
      exchange.refusal = new ProtocolError(thrown.error === 'invalid_client' ? 'invalid_token' : 'invalid_argument', undefined, { reason: thrown.error });
      const basic: [string, string][] = thrown.error === 'invalid_client' ? [['www-authenticate', 'Basic realm="talaria", charset="UTF-8"']] : [];
      return json(basic.length > 0 ? 401 : 400, { error: thrown.error, error_description: thrown.message }, basic);
    }
    const refusal = asProtocolError(thrown);
    exchange.refusal = refusal;
    if (isFault(refusal)) domain.log.error('http.failed', { request: exchange.requestId, operation: exchange.route, ...errorFields(refusal.cause ?? refusal) });
    const { status, retryable } = errorInfo(refusal.code);
    const error: OAuthError = status === 500 ? 'server_error' : retryable ? 'temporarily_unavailable' : 'invalid_request';
    const after: [string, string][] = refusal.retryAfterMs === undefined ? [] : [['retry-after', String(Math.ceil(refusal.retryAfterMs / 1_000))]];
    return json(status, { error, error_description: refusal.message }, after);
  }

  // It counts against the limit of the address by itself, to refuse in its own form.
  const route: PageRoute = { kind: 'page', id: 'oauth.token', unlimited: true, answer: (exchange) => answer(exchange).catch((error: unknown) => refuse(exchange, error)) };
  return [OAUTH_TOKEN_PATH, { template: OAUTH_TOKEN_PATH, methods: new Map([['POST', route]]) }];
}

/** RFC 6749, section 5.1: never kept by anybody on the way. `Cache-Control: no-store` is on every answer of the server. */
const json = (status: number, value: object, headers: [string, string][] = []): HttpResponse =>
  ({ status, headers: [['content-type', 'application/json'], ['pragma', 'no-cache'], ...headers], body: JSON.stringify(value) });

/** Parameters that are given once and are not empty (RFC 6749, section 3.2). */
function readForm(request: HttpRequest): ReadonlyMap<string, string> {
  if (!FORM_TYPE.test(request.headers.get('content-type')?.trim() ?? '')) throw new OAuthRefusal('invalid_request', 'The body must be application/x-www-form-urlencoded.');
  if (request.headers.has('content-encoding')) throw new OAuthRefusal('invalid_request', 'The body must not be compressed.');
  if (request.body.length > FORM_BYTES_MAX) throw new OAuthRefusal('invalid_request', `The body has more than ${FORM_BYTES_MAX} bytes.`);
  const form = new Map<string, string>();
  for (const [name, value] of parametersOf(request.body)) {
    if (form.has(name)) throw new OAuthRefusal('invalid_request', 'A parameter is given more than once.');
    form.set(name, value);
  }
  for (const [name, value] of form) if (value === '') form.delete(name);
  return form;
}

function parametersOf(body: Uint8Array): ReturnType<typeof parseQuery> {
  try {
    return parseQuery(decoder.decode(body));
  } catch {
    throw new OAuthRefusal('invalid_request', 'The body is no form of percent-encoded UTF-8.');
  }
}

/** RFC 6749, section 2.3.1: by HTTP Basic, or in the body; in one of them. */
async function clientOf(domain: Domain, request: HttpRequest, form: ReadonlyMap<string, string>): Promise<KeyRow> {
  const header = request.headers.get('authorization');
  const inBody = form.get('client_secret') !== undefined;
  if (header !== undefined && inBody) throw new OAuthRefusal('invalid_request', 'The client must authenticate in one way: by HTTP Basic, or in the body.');
  const [id, secret] = header === undefined ? [form.get('client_id'), form.get('client_secret')] : basicOf(header);
  // A client_id beside HTTP Basic says whose request it is, and must not be another's.
  if (header !== undefined && (form.get('client_id') ?? id) !== id) throw new OAuthRefusal('invalid_request', 'client_id is another one than in the header.');
  const key = id === undefined || secret === undefined ? undefined : await domain.keys.verify(secret);
  if (!key || key.id !== id) throw new OAuthRefusal('invalid_client', WRONG_CLIENT);
  const app = key.app === null ? null : await domain.apps.byId(key.app);
  if (app === undefined || app?.suspended) throw new OAuthRefusal('invalid_client', WRONG_CLIENT);
  return key;
}

/** Both parts are form-encoded before they are put together, so that they may hold a colon. */
function basicOf(header: string): readonly [id: string | undefined, secret: string | undefined] {
  const text = Buffer.from(BASIC.exec(header)?.[1] ?? '', 'base64').toString();
  const colon = text.indexOf(':');
  if (colon === -1) return [undefined, undefined];
  const [id, secret] = [text.slice(0, colon), text.slice(colon + 1)].map((part) => decodePart(part.replaceAll('+', ' ')));
  return [id, secret];
}
