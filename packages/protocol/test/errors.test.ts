import { describe, expect, it } from 'vitest';
import { errorCodes, errorInfo, errorTable, isErrorCode, ProtocolError } from '../src/errors.js';

const STATUSES = [400, 401, 403, 404, 405, 408, 409, 410, 413, 415, 422, 429, 500, 503, 507];
/** Errors whose close code is one of the WebSocket protocol's own. */
const STANDARD_CLOSE = { text_frame: 1003 };

describe('the error table', () => {
  it.each(errorCodes)('%s has a name, a text, a remedy and a status', (code) => {
    const info = errorInfo(code);
    expect(code).toMatch(/^[a-z]+(_[a-z]+)*$/);
    expect(info.text).toMatch(/^[A-Z].*\.$/);
    expect(info.remedy).toMatch(/^[A-Z].*\.$/);
    expect(STATUSES).toContain(info.status);
    expect(Object.keys(info).toSorted()).toEqual(info.close === undefined ? ['remedy', 'retryable', 'status', 'text'] : ['close', 'remedy', 'retryable', 'status', 'text']);
  });

  it.each(errorCodes.filter((code) => errorInfo(code).close !== undefined && !(code in STANDARD_CLOSE)))(
    '[SND5] %s closes with 4500 to 4999 when the client may come back, else with 4000 to 4499', (code) => {
      const { close, retryable } = errorInfo(code);
      expect(Math.floor(close! / 500)).toBe(retryable ? 9 : 8);
    });

  it('closes with a code of the WebSocket protocol itself only where that names the mistake', () => {
    const standard = errorCodes.filter((code) => (errorInfo(code).close ?? 4000) < 4000);
    expect(Object.fromEntries(standard.map((code) => [code, errorInfo(code).close]))).toEqual(STANDARD_CLOSE);
  });

  it('has one close code for each reason to come back', () => {
    const back = errorCodes.map((code) => errorInfo(code).close ?? 0).filter((close) => close >= 4500);
    expect(new Set(back).size).toBe(back.length);
  });

  it.each(errorCodes.filter((code) => errorInfo(code).status >= 500))('[SND5] %s is the fault of the server, so a retry can help', (code) => {
    expect(errorInfo(code).retryable).toBe(true);
  });

  it('[SND5] says which refusals of the client can be retried', () => {
    expect(errorCodes.filter((code) => errorInfo(code).retryable && errorInfo(code).status < 500)).toEqual([
      'request_timeout', 'token_expired', 'auth_timeout', 'predecessor_refused', 'slow_mode', 'rate_limited', 'heartbeat_timeout',
    ]);
  });

  it('has the codes that are promised for bad input and for the rules', () => {
    const promised = [
      'bad_frame', 'too_large', 'unknown_operation', 'invalid_argument', 'unauthenticated', 'already_authenticated', 'auth_timeout', 'invalid_token', 'resync_required', 'not_found',
      'idempotency_mismatch', 'client_id_expired', 'predecessor_refused',
    ] as const;
    for (const code of promised) expect(errorCodes).toContain(code);
    expect(errorInfo('idempotency_mismatch').status).toBe(422);
    expect(errorInfo('predecessor_refused').retryable).toBe(true);
  });

  it('knows its codes and nothing that objects have by themselves', () => {
    expect(errorCodes.every(isErrorCode)).toBe(true);
    for (const name of ['', 'toString', '__proto__', 'constructor', 'BAD_FRAME', 'bad_frame ']) expect(isErrorCode(name), `of ${name}`).toBe(false);
    expect(errorCodes).toEqual(Object.keys(errorTable));
  });
});

describe('ProtocolError', () => {
  it('takes text, remedy and retryable from the table', () => {
    const error = new ProtocolError('rate_limited');
    expect(error).toBeInstanceOf(Error);
    expect({ name: error.name, message: error.message, retryable: error.retryable, remedy: error.remedy }).toEqual({
      name: 'ProtocolError', message: errorTable.rate_limited.text, retryable: true, remedy: errorTable.rate_limited.remedy,
    });
    expect([error.field, error.retryAfterMs, error.reason, error.cause]).toEqual([undefined, undefined, undefined, undefined]);
  });

  it('carries what is wrong here', () => {
    const cause = new Error('below');
    const error = new ProtocolError('invalid_argument', 'limit must be at most 200.', { field: 'limit', retryAfterMs: 5, reason: 'for the log', cause });
    expect(error).toMatchObject({ code: 'invalid_argument', message: 'limit must be at most 200.', field: 'limit', retryAfterMs: 5, reason: 'for the log', cause, retryable: false });
  });
});
