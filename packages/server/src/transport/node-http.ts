import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import type { HttpRequest, HttpResponse, TransportBounds, TransportHandlers } from '../gateway/transport-port.js';
import { addHeader, announcesBody, hasLength, refuseHead, sendable, statusLine } from './http-head.js';
import { canonicalAddress } from './remote-address.js';

export interface NodeHttpOptions {
  readonly bounds: TransportBounds;
  readonly handlers: Pick<TransportHandlers<never>, 'http' | 'refuseHttp'>;
  isListening(): boolean;
}

/** Serves one request: reads the body within its bounds, then asks the handler. */
export function serveHttp(request: IncomingMessage, response: ServerResponse, { bounds, handlers, isListening }: NodeHttpOptions): void {
  const head = readHead(request);
  const answer = (reply: HttpResponse, close: boolean): void => writeAnswer(response, reply, close || !isListening());
  const refusal = refuseRequest(head, bounds);
  if (refusal) {
    answer(handlers.refuseHttp(refusal), true);
    return;
  }
  readBody(request, bounds.body_bytes_max, (body) => {
    if (body) void handlers.http({ ...head, body }).then((reply) => answer(reply, false));
    else answer(handlers.refuseHttp('too_large'), true);
  });
}

/** Serves a request that asked for another protocol than ours: as RFC 9110 allows, as if it had not asked. */
export function serveWithoutUpgrade(request: IncomingMessage, stream: Duplex, { bounds, handlers }: NodeHttpOptions): void {
  const head = readHead(request);
  // node:http has stopped parsing, so a body cannot be told from what comes after it.
  const refusal = announcesBody(head.headers) ? 'bad_request' : refuseRequest(head, bounds);
  if (refusal) endWithAnswer(stream, handlers.refuseHttp(refusal), head.method);
  else void handlers.http({ ...head, body: new Uint8Array() }).then((reply) => endWithAnswer(stream, reply, head.method));
}

/** Writes a whole answer where there is no response object, and ends the connection. */
export function endWithAnswer(stream: Duplex, reply: HttpResponse, method = 'GET'): void {
  const { status, headers, body } = sendable(reply);
  const lines = [`HTTP/1.1 ${statusLine(status)}`, ...headers.map(([name, value]) => `${name}: ${value}`), 'connection: close'];
  if (hasLength(status)) lines.push(`content-length: ${Buffer.byteLength(body)}`);
  stream.write(`${lines.join('\r\n')}\r\n\r\n`, 'latin1');
  stream.end(hasLength(status) && method !== 'HEAD' ? body : '', () => stream.destroy());
}

function writeAnswer(response: ServerResponse, reply: HttpResponse, close: boolean): void {
  const { status, headers, body } = sendable(reply);
  const fields = headers.flat();
  if (hasLength(status)) fields.push('content-length', String(Buffer.byteLength(body)));
  if (close) fields.push('connection', 'close');
  response.writeHead(status, fields);
  response.end(body);
}

/** `OPTIONS *` and whole URLs are for proxies. */
function refuseRequest({ path, headers }: Omit<HttpRequest, 'body'>, bounds: TransportBounds): 'bad_request' | 'too_large' | undefined {
  return path.startsWith('/') ? refuseHead(headers, bounds.body_bytes_max) : 'bad_request';
}

function readHead(request: IncomingMessage): Omit<HttpRequest, 'body'> {
  const headers = new Map<string, string>();
  const raw = request.rawHeaders;
  for (let at = 0; at + 1 < raw.length; at += 2) addHeader(headers, raw[at]!.toLowerCase(), raw[at + 1]!);
  return { method: request.method ?? '', ...splitUrl(request), headers, address: canonicalAddress(request.socket.remoteAddress ?? '') };
}

/** The path and the query, as they were sent. */
export function splitUrl({ url = '' }: IncomingMessage): { readonly path: string; readonly query: string } {
  const mark = url.indexOf('?');
  return mark === -1 ? { path: url, query: '' } : { path: url.slice(0, mark), query: url.slice(mark + 1) };
}

/** Gives the whole body, or undefined as soon as it is over the bound. A client that goes away gives neither. */
function readBody(request: IncomingMessage, bytes_max: number, done: (body: Uint8Array | undefined) => void): void {
  const chunks: Buffer[] = [];
  let size = 0;
  request.on('error', () => undefined);
  request.on('data', (chunk: Buffer) => {
    if (size > bytes_max) return;
    size += chunk.length;
    if (size > bytes_max) {
      chunks.length = 0;
      done(undefined);
      return;
    }
    chunks.push(chunk);
  });
  request.on('end', () => {
    if (size <= bytes_max) done(Buffer.concat(chunks));
  });
}
