import type { HttpRequest, HttpResponse, TransportBounds, TransportHandlers } from '../gateway/transport-port.js';
import type { UwsRequest, UwsResponse } from './uws-binding.js';
import { addHeader, announcesBody, hasLength, refuseHead, sendable, statusLine } from './http-head.js';
import { canonicalAddress } from './remote-address.js';

export interface UwsHttpOptions {
  readonly bounds: TransportBounds;
  readonly handlers: Pick<TransportHandlers<never>, 'http' | 'refuseHttp'>;
  isListening(): boolean;
}

/** Serves one request: reads the body within its bounds, then asks the handler. */
export function serveHttp(response: UwsResponse, request: UwsRequest, { bounds, handlers, isListening }: UwsHttpOptions): void {
  const head = readHead(request, response);
  let over = false;
  let timer: NodeJS.Timeout | undefined;
  const end = (): void => {
    over = true;
    clearTimeout(timer);
  };
  const answer = (reply: HttpResponse, close: boolean): void => {
    if (over) return;
    end();
    response.cork(() => writeAnswer(response, reply, { close: close || !isListening(), head: head.method === 'HEAD' }));
  };
  // The library ends the process when a request is left open without this.
  response.onAborted(end);
  const refusal = refuseHead(head.headers, bounds.body_bytes_max);
  if (refusal) {
    // While the answer is pending the library ends a connection that brings a further request. A refused one's body
    // may be just that, so it must not be answered before the bytes at hand are parsed.
    setImmediate(() => answer(handlers.refuseHttp(refusal), true));
    return;
  }
  if (announcesBody(head.headers)) {
    timer = setTimeout(() => answer(handlers.refuseHttp('request_timeout'), true), bounds.request_timeout_ms);
  }
  readBody(response, bounds.body_bytes_max, (body) => {
    if (!body) {
      answer(handlers.refuseHttp('too_large'), true);
      return;
    }
    clearTimeout(timer);
    if (!over) void handlers.http({ ...head, body }).then((reply) => answer(reply, false));
  });
}

/** Writes a whole answer. Call it corked: it is one write then. */
export function writeAnswer(response: UwsResponse, reply: HttpResponse, { close, head }: { readonly close: boolean; readonly head: boolean }): void {
  const { status, headers, body } = sendable(reply);
  response.writeStatus(statusLine(status));
  for (const [name, value] of headers) response.writeHeader(name, value);
  if (hasLength(status) && !head) {
    response.end(body, close);
  } else if (close) {
    // With a length of 0, which says less than it could: without one, the library does not close.
    response.end('', true);
  } else {
    // Told a length, the library waits for that many bytes; so the length is an ordinary header.
    if (hasLength(status)) response.writeHeader('Content-Length', String(Buffer.byteLength(body)));
    response.endWithoutBody();
  }
}

export function remoteAddress(response: UwsResponse): string {
  return canonicalAddress(Buffer.from(response.getRemoteAddressAsText()).toString('latin1'));
}

/** The request object is only valid during the library's call, so everything is copied. */
function readHead(request: UwsRequest, response: UwsResponse): Omit<HttpRequest, 'body'> {
  const headers = new Map<string, string>();
  request.forEach((name, value) => addHeader(headers, name, value));
  return { method: request.getMethod().toUpperCase(), path: request.getUrl(), query: request.getQuery() ?? '', headers, address: remoteAddress(response) };
}

/** Gives the whole body, or undefined as soon as it is over the bound. */
function readBody(response: UwsResponse, bytes_max: number, done: (body: Uint8Array | undefined) => void): void {
  const chunks: Buffer[] = [];
  let size = 0;
  response.onData((chunk, isLast) => {
    if (size > bytes_max) return;
    size += chunk.byteLength;
    if (size > bytes_max) {
      chunks.length = 0;
      done(undefined);
      return;
    }
    // The chunk is detached when this handler returns: the inner Buffer is a view of it, the outer one a copy.
    if (chunk.byteLength > 0) chunks.push(Buffer.from(Buffer.from(chunk)));
    if (isLast) done(Buffer.concat(chunks));
  });
}
