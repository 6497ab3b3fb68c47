/** Answers over HTTP, and what every one of them must hold. */
import { errorInfo, type ErrorCode } from '@talaria/protocol';
import { expect } from 'vitest';
import { openApi } from '../../../src/http/openapi.js';

export interface Reply {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly code: ErrorCode;
  readonly detail: string;
  readonly retryable: boolean;
  readonly remediation: string;
  readonly request_id: string;
  readonly field?: string;
  readonly retry_after_ms?: number;
}

export const jsonOf = <T = unknown>(reply: Reply): T => JSON.parse(reply.text) as T;

/** On every answer that the server gives. */
export function expectSecured(reply: Reply): void {
  expect(Object.fromEntries(['cache-control', 'referrer-policy', 'x-content-type-options', 'x-frame-options'].map((name) => [name, reply.headers.get(name)]))).toEqual({
    'cache-control': 'no-store', 'referrer-policy': 'no-referrer', 'x-content-type-options': 'nosniff', 'x-frame-options': 'DENY',
  });
  expect(reply.headers.get('content-security-policy')).toMatch(/^default-src 'none';.* frame-ancestors 'none'$/);
  expect(reply.headers.get('talaria-request-id')).toMatch(/^[\da-f]{8}-[\da-f]{4}-7[\da-f]{3}-[\da-f]{4}-[\da-f]{12}$/);
}

const SCHEMA = openApi('test').components.schemas['Problem']!;

/** As the API's description has it: every field known and of its type, and none missing. */
function expectDescribed(document: object): void {
  expect(Object.keys(document)).toEqual(expect.arrayContaining([...SCHEMA.required!]));
  for (const [name, value] of Object.entries(document)) {
    const field = SCHEMA.properties?.[name];
    expect(field?.type, name).toBe(Number.isInteger(value) ? 'integer' : typeof value);
    if (field?.enum) expect(field.enum, name).toContain(value);
  }
}

/** A refusal: the whole document by the error table, and its headers. Gives the document for what is particular. */
export function expectProblem(reply: Reply, code: ErrorCode): Problem {
  const document = jsonOf<Problem>(reply);
  const { status, text, remedy, retryable } = errorInfo(code);
  expect(document).toEqual({
    type: `urn:talaria:error:${code}`, title: text, status, code, detail: expect.stringMatching(/\S/), retryable, remediation: remedy,
    request_id: reply.headers.get('talaria-request-id'),
    ...('field' in document && { field: expect.any(String) }), ...('retry_after_ms' in document && { retry_after_ms: expect.any(Number) }),
  });
  expectDescribed(document);
  expect(reply.status).toBe(status);
  expect(reply.headers.get('content-type')).toBe('application/problem+json');
  expect(reply.headers.get('retry-after')).toBe(document.retry_after_ms === undefined ? null : String(Math.ceil(document.retry_after_ms / 1_000)));
  expect(reply.headers.has('www-authenticate')).toBe(status === 401);
  expectSecured(reply);
  return document;
}

export function expectOk(reply: Reply): Reply {
  if (reply.status !== 200) throw new Error(`${reply.status}: ${reply.text}`);
  expect(reply.headers.get('content-type')).toBe('application/json');
  expectSecured(reply);
  return reply;
}
