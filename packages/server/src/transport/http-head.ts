import { STATUS_CODES, validateHeaderName, validateHeaderValue } from 'node:http';
import type { HttpResponse } from '../gateway/transport-port.js';

/** The length of an answer and the fate of the connection are the transport's to say. */
const OWN_HEADERS = new Set(['connection', 'content-length', 'keep-alive', 'transfer-encoding']);
const UNSAFE: HttpResponse = { status: 500, headers: [], body: '' };

/** `404 Not Found` */
export function statusLine(status: number): string {
  return `${status} ${STATUS_CODES[status] ?? 'Unknown'}`;
}

/** Adds a header; one that comes again is joined, also where node:http would drop it. */
export function addHeader(headers: Map<string, string>, name: string, value: string): void {
  const before = headers.get(name);
  headers.set(name, before === undefined ? value : `${before}, ${value}`);
}

/**
 * Says why a request is refused before its body is read. Two lengths, or a length and a coding, are how a request is
 * smuggled past a proxy, and the parsers below do not refuse all of them.
 */
export function refuseHead(headers: ReadonlyMap<string, string>, body_bytes_max: number): 'bad_request' | 'too_large' | undefined {
  const length = headers.get('content-length');
  const coding = headers.get('transfer-encoding');
  if (coding !== undefined && (coding.toLowerCase() !== 'chunked' || length !== undefined)) return 'bad_request';
  if (length === undefined) return undefined;
  // `4, 4` is what two headers are joined to.
  if (!/^\d+$/.test(length)) return 'bad_request';
  return Number(length) > body_bytes_max ? 'too_large' : undefined;
}

/** Whether bytes of a body follow the headers. */
export function announcesBody(headers: ReadonlyMap<string, string>): boolean {
  return headers.has('transfer-encoding') || Number(headers.get('content-length') ?? 0) > 0;
}

/** Whether the handshake of RFC 6455 is complete, as far as a server has to look. */
export function isHandshake(header: (name: string) => string | undefined): boolean {
  return header('upgrade')?.toLowerCase() === 'websocket'
    && header('sec-websocket-version') === '13'
    && /^[+/0-9A-Za-z]{22}==$/.test(header('sec-websocket-key') ?? '');
}

/** `a, b` → a and b. */
export function splitList(value: string | undefined): string[] {
  return (value ?? '').split(',').map((part) => part.trim()).filter(Boolean);
}

/** An answer that can be written: without the transport's own headers, and never one that lets a value end its line. */
export function sendable(answer: HttpResponse): HttpResponse {
  try {
    for (const [name, value] of answer.headers) {
      validateHeaderName(name);
      validateHeaderValue(name, value);
    }
  } catch {
    return UNSAFE;
  }
  return { ...answer, headers: answer.headers.filter(([name]) => !OWN_HEADERS.has(name.toLowerCase())) };
}

/** Whether an answer has a length to announce: 204 and 304 have none. */
export function hasLength(status: number): boolean {
  return status !== 204 && status !== 304;
}
