/** HTTP requests: an operation's, and what goes wrong with one on its way or on purpose. */
import { operations, type Operation } from '@talaria/protocol/operations';
import fc from 'fast-check';
import { resolve, resolveText, type Credential, credentials, type Scene } from '../rig/scene.js';
import { mutated } from './bytes.js';
import { anyCall, type OperationCall } from './operation-input.js';
import { hostileJson, hostileText } from './text.js';

/** One thing that is not as the table says. */
type Twist =
  | { readonly kind: 'none' }
  | { readonly kind: 'drop' | 'twice'; readonly at: number }
  | { readonly kind: 'set'; readonly at: number; readonly value: unknown }
  | { readonly kind: 'add'; readonly name: string; readonly value: unknown }
  | { readonly kind: 'method'; readonly method: string }
  | { readonly kind: 'path'; readonly path: string }
  | { readonly kind: 'query'; readonly query: string }
  | { readonly kind: 'body'; readonly body: string };

export interface RequestInput extends OperationCall {
  readonly as: Credential;
  readonly twist: Twist;
  readonly headers: readonly (readonly [string, string])[];
}

/** The request as it goes out. Texts are bytes in latin-1, because a head is no more than that. */
export interface HttpRequestBytes {
  readonly method: string;
  readonly target: string;
  readonly bytes: Buffer;
  /** Whether its framing is doubtful, so that the connection may end instead of an answer. */
  readonly malformed: boolean;
  /** Whether it is the operation's own method and path, so that a success has the operation's own form. */
  readonly asInTable: boolean;
}

/** Halves of surrogate pairs have no form in an address; UTF-8 has a replacement for them. */
const encode = (text: string): string => encodeURIComponent(Buffer.from(text).toString());

const nat = fc.nat(20);
const spoiled = mutated([...new Set(['{"external_id":"eve","data":{"a":[1,{"b":"\\ud83d\\ude00"}]}}', '{"text":"x","conversation_id":"$group"}', '[]', '{}', '{"a":1e400}', '['.repeat(10_000), '{"a":'.repeat(10_000)])].map((text) => Buffer.from(text)))
  .map((bytes): Twist => ({ kind: 'body', body: Buffer.from(bytes).toString('latin1') }));
const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE', 'PROPFIND', 'get', 'G', 'CONNECT'] as const;
const PATHS = [
  '/', '/v1', '/v1/', '/v1/users/', '/v1//users', '/v1/users/../apps', '/v1/users/%2e%2e', '/v1/users/%00', '/v1/users/%', '/v1/users/%ff', '/v1/messages/a%2Fb', '/v1/users/a\\b',
  '/livez', '/readyz', '/metrics', '/openapi.json', '/docs', '/docs/api', '/v1/socket/x', '/v1/socket/', '/V1/USERS', '*', 'http://example.com/v1/users', '/v1/users;a=b', `/v1/users/${'a'.repeat(3_000)}`,
] as const;

const twist: fc.Arbitrary<Twist> = fc.oneof(
  // What has nothing to do with a finding shrinks to the first.
  { withCrossShrink: true },
  { weight: 14, arbitrary: fc.constant<Twist>({ kind: 'none' }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constantFrom('drop' as const, 'twice' as const), at: nat }) },
  { weight: 5, arbitrary: fc.record({ kind: fc.constant('set' as const), at: nat, value: hostileJson }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('add' as const), name: fc.oneof(hostileText, fc.constantFrom('app_id', 'created_ms', 'id', 'tenant_id', 'role', 'user_id', 'limit')), value: hostileJson }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('method' as const), method: fc.constantFrom(...METHODS) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('path' as const), path: fc.oneof(fc.constantFrom<string>(...PATHS), fc.webPath(), hostileText.map((text) => `/v1/users/${encode(text)}`)) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('query' as const), query: fc.oneof(fc.webQueryParameters(), fc.constantFrom('limit=1&limit=2', 'limit=%', 'limit=+5', 'limit=1e9', 'token=x', 'a&'.repeat(300), 'after=$foreign_cursor', 'after=$cursor', 'limit=-0')) }) },
  { weight: 3, arbitrary: spoiled },
);

/** Names and values of headers, right and wrong. */
const header: fc.Arbitrary<readonly [string, string]> = fc.oneof(
  fc.tuple(fc.constant('Idempotency-Key'), fc.oneof(hostileText, fc.uuid({ version: 7 }), fc.constantFrom('same', '', 'a'.repeat(128), 'a'.repeat(129)))),
  fc.tuple(fc.constant('Authorization'), fc.oneof(hostileText.map((text) => `Bearer ${text}`), fc.constantFrom('Basic YTpi', 'Bearer', 'Bearer tk_', 'Bearer tk_a_b', 'bearer x y', 'Bearer $mallory_token', `Bearer ${'x'.repeat(5_000)}`, 'Bearer eyJ.eyJ.x'))),
  fc.tuple(fc.constant('Content-Type'), fc.oneof(hostileText, fc.constantFrom('text/plain', 'application/json; charset=latin1', 'application/json;charset=utf-8', 'APPLICATION/JSON', 'application/json, text/plain', ''))),
  fc.tuple(fc.constant('Content-Encoding'), fc.constantFrom('gzip', 'br', 'identity', 'gzip, gzip', '')),
  fc.tuple(fc.constant('Content-Length'), fc.constantFrom('-1', 'abc', '99999999999999999999', '1, 1', '+5', '262145')),
  fc.tuple(fc.constant('Transfer-Encoding'), fc.constantFrom('chunked', 'gzip, chunked', 'identity', 'chunked, chunked', 'xchunked')),
  fc.tuple(fc.constant('X-Forwarded-For'), fc.oneof(hostileText, fc.ipV4(), fc.ipV6(), fc.constant('1.1.1.1, '.repeat(500)))),
  fc.tuple(fc.constant('traceparent'), fc.oneof(hostileText, fc.constantFrom(`00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`, `00-${'0'.repeat(32)}-${'0'.repeat(16)}-00`, 'ff-x'))),
  fc.tuple(fc.constant('Origin'), fc.oneof(hostileText, fc.constantFrom('null', 'https://app.example.com', 'https://app.com.evil.com'))),
  fc.tuple(fc.constantFrom('Host', 'Expect', 'Connection', 'Upgrade', 'Accept-Encoding', 'Cookie', 'X-Long', 'Range', 'If-None-Match', 'Access-Control-Request-Method'), fc.oneof(hostileText, fc.constantFrom('100-continue', 'close', 'upgrade', 'websocket', 'a'.repeat(9_000)))),
);

export const anyRequest: fc.Arbitrary<RequestInput> = fc.tuple(
  anyCall,
  // A valid credential most of the time: what stops at the door goes no further.
  fc.oneof({ weight: 8, arbitrary: fc.nat(3) }, { weight: 2, arbitrary: fc.constantFrom(...credentials) }),
  twist, fc.oneof({ withCrossShrink: true }, { weight: 4, arbitrary: fc.constant([]) }, { weight: 2, arbitrary: fc.array(header, { minLength: 1, maxLength: 3 }) }),
).map(([{ operation, fields }, as, twist, headers]) => ({ operation, fields, as: typeof as === 'number' ? fitting(operations[operation], as) : as, twist, headers }));

function fitting({ scope, user }: Operation, at: number): Credential {
  if (scope === 'admin') return 'admin';
  return user ? (['key', 'key', 'alice', 'bob'] as const)[at]! : 'key';
}

/** What the transports themselves refuse, before there is anybody who could say why (`http.huge-headers`). */
const HEAD_BYTES_MAX = 16_000;

const takesBody = (method: string): boolean => method !== 'GET' && method !== 'DELETE';
/** A field's value in a path or a query. */
const asPart = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value) ?? '');
const latin1 = (text: string): string => Buffer.from(text).toString('latin1');
const asQuery = (fields: readonly (readonly [string, unknown])[]): string => fields.map(([name, value]) => `${encode(name)}=${encode(asPart(value))}`).join('&');

/** The fields after the twist, as pairs, so that a name may stand twice. */
function twisted(fields: Readonly<Record<string, unknown>>, twist: Twist): (readonly [string, unknown])[] {
  const entries = Object.entries(fields);
  const at = 'at' in twist && entries.length > 0 ? twist.at % entries.length : 0;
  switch (twist.kind) {
    case 'drop': return entries.filter((_, index) => index !== at);
    case 'twice': return [...entries, ...entries.slice(at, at + 1)];
    case 'set': return entries.map((entry, index) => (index === at ? [entry[0], twist.value] : entry));
    case 'add': return [...entries, [twist.name, twist.value]];
    case 'none': case 'method': case 'path': case 'query': case 'body': return entries;
  }
}

/** Makes the request real: ids of the scene in place of names, and everything as bytes. */
export function renderRequest({ operation: id, fields, as, twist, headers }: RequestInput, scene: Scene): HttpRequestBytes {
  const operation: Operation = operations[id];
  const entries = twisted(resolve(scene.names, fields) as Record<string, unknown>, twist).map(([name, value]) => [name, resolve(scene.names, value)] as const);
  const inPath = (name: string): boolean => operation.path.includes(`{${name}}`);
  const filled = operation.path.replaceAll(/\{(\w+)\}/g, (_, name: string) => encode(asPart(entries.find(([key]) => key === name)?.[1])));
  const rest = entries.filter(([name]) => !inPath(name));
  const method = twist.kind === 'method' ? twist.method : operation.method;
  const query = twist.kind === 'query' ? resolveText(scene.names, twist.query) : takesBody(operation.method) ? '' : asQuery(rest);
  const target = `${twist.kind === 'path' ? twist.path : filled}${query === '' ? '' : `?${query}`}`;
  // An end that never comes would only be waited for.
  const end = headers.some(([name]) => name === 'Transfer-Encoding') ? '0\r\n\r\n' : '';
  const body = twist.kind === 'body' ? Buffer.from(twist.body, 'latin1') : takesBody(operation.method) ? Buffer.from(`{${rest.map(([name, value]) => `${JSON.stringify(name)}:${JSON.stringify(value) ?? 'null'}`).join(',')}}`) : Buffer.alloc(0);
  const given = headers.map(([name, value]) => [name, latin1(resolveText(scene.names, value))] as const);
  const has = (name: string): boolean => given.some(([other]) => other.toLowerCase() === name);
  const own: (readonly [string, string])[] = [
    ...(has('host') ? [] : [['Host', 'test'] as const]), ...(has('authorization') || as === 'none' ? [] : [['Authorization', `Bearer ${scene.credentials[as]}`] as const]),
    ...(has('content-type') || body.length === 0 ? [] : [['Content-Type', 'application/json'] as const]), ...(has('content-length') || has('transfer-encoding') ? [] : [['Content-Length', String(body.length)] as const]),
  ];
  const all = [...own, ...given];
  const head = [`${method} ${latin1(target)} HTTP/1.1`, ...all.map(([name, value]) => `${name}: ${value}`), '', ''].join('\r\n');
  return {
    method, target, bytes: Buffer.concat([Buffer.from(head, 'latin1'), body, Buffer.from(end)]), malformed: head.length > HEAD_BYTES_MAX || isMalformed(method, target, all),
    asInTable: twist.kind !== 'method' && twist.kind !== 'path',
  };
}

/** Framing that may not be taken apart in one way only, control characters, and what asks for more than one answer. */
function isMalformed(method: string, target: string, headers: readonly (readonly [string, string])[]): boolean {
  const repeated = new Set(headers.map(([name]) => name.toLowerCase())).size < headers.length;
  const framing = headers.some(([name, value]) => (name === 'Content-Length' && !/^\d{1,6}$/.test(value)) || /^(?:transfer-encoding|expect|connection|upgrade|host)$/i.test(name) && value !== 'test');
  const length = headers.find(([name]) => name === 'Content-Length')?.[1];
  return repeated || framing || length === undefined || !/^[A-Z]+$/.test(method) || method === 'CONNECT' || !/^\/[\u0021-\u007e]*$/.test(target)
    || headers.some(([, value]) => !/^[\u0020-\u007e\u0080-\u00ff]*$/.test(value) || value.length > 4_000);
}
